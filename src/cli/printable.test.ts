import { describe, expect, it } from 'vitest'
import { printable, printableJson, printableLines } from './printable.ts'

describe('a text of somebody else', () => {
  it('is printed without what would steer the terminal', () => {
    expect(printable('\x1b]0;title\x07a\x1b[2Jb\u009b2Jc\r\nd\te')).toBe('abcde')
    expect(printable('Grüße, 世界')).toBe('Grüße, 世界')
  })

  it('keeps its lines where it may have several', () => {
    expect(printableLines('first\x1b[31m\r\nsecond\x07\n')).toBe('first\nsecond\n')
  })

  it('is the same value in JSON', () => {
    const value = { pageUrl: 'http://\u009b2J\x1b[2J\u007fexample.com/ä' }
    const text = printableJson(value)
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(JSON.parse(text)).toEqual(value)
  })
})
