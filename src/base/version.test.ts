import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SERVER_NAME, VERSION } from './index.ts'

it('the version is that of package.json, and stands in the name of the server', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  expect(VERSION).toBe(version)
  expect(SERVER_NAME).toContain(version)
})
