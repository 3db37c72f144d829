import { describe, expect, it } from 'vitest'
import { MAX_SAID_LENGTH, readSaid } from './said.ts'

describe('what another server says', () => {
  it.each([
    ['no such stream', 'no such stream'],
    [' first\r\n\tsecond ', 'first second'],
    ['\x1b[2Jred\u009b31m\0', '[2Jred 31m'],
    ['', ''],
  ])('%j is shown as %j', (text, shown) => {
    expect(readSaid(text)).toBe(shown)
  })

  it('is cut', () => {
    expect(readSaid('a'.repeat(8_000_000))).toBe(`${'a'.repeat(MAX_SAID_LENGTH)}...`)
  })
})
