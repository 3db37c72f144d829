import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let root = ''

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'check-node-'))
  mkdirSync(join(root, 'scripts'))
  copyFileSync(
    fileURLToPath(new URL('check-node.mjs', import.meta.url)),
    join(root, 'scripts/check-node.mjs'),
  )
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ name: 'the-server', engines: { node: '>=22.19' } }),
  )
})

afterAll(() => {
  rmSync(root, { recursive: true })
})

/** Runs the script on a Node that says it has this version. */
function runOn(version: string): { status: number | null; stderr: string } {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(pretend)}`,
    join(root, 'scripts/check-node.mjs'),
  ]
  return spawnSync(process.execPath, args, { encoding: 'utf8' })
}

describe('check-node', () => {
  it.each(['22.19.0', '22.20.1', '24.0.0', '100.1.0'])('is silent on Node %s', (version) => {
    expect(runOn(version)).toMatchObject({ status: 0, stderr: '' })
  })

  it.each(['16.20.2', '20.20.2', '22.18.9', '9.99.0'])(
    'fails on Node %s, and says what is needed',
    (version) => {
      const { status, stderr } = runOn(version)
      expect(status).toBe(1)
      expect(stderr).toContain('the-server needs Node 22.19 or newer')
      expect(stderr).toContain(`this is Node ${version}`)
    },
  )
})
