import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { REFUSAL_CODES } from './refusal-codes.ts'

describe('codes of refusals', () => {
  it('are those of docs/errors.md, in the same order and with the same meanings', () => {
    const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| ([^|]+) \|$/gm)].map(([, code, meaning]) => [
      code,
      meaning,
    ])
    expect(rows).toEqual(Object.entries(REFUSAL_CODES))
  })
})
