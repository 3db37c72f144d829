import { describe, expect, it } from 'vitest'
import { printable, printableJson, printableLines } from './printable.ts'

describe('a text of somebody else', () => {
  it('is printed without what would steer the terminal', () => {
    expect(printable('\x1b]0;title\x07a\x1b[2Jb\u009b2Jc\r\nd\te')).toBe('abcde')
    expect(printable('Grüße, 世界, قناة')).toBe('Grüße, 世界, قناة')
    expect(printable('live/\u202eomed\u202c\u2066x')).toBe('live/omedx')
  })

  it('keeps its lines where it may have several', () => {
    expect(printableLines('first\x1b[31m\r\nsecond\x07\n')).toBe('first\nsecond\n')
  })

  it('is the same value in JSON', () => {
    const value = { pageUrl: 'http://\u009b2J\x1b[2J\u007fexample.com/\u202eä' }
    const text = printableJson(value)
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
    expect(JSON.parse(text)).toEqual(value)
  })
})
