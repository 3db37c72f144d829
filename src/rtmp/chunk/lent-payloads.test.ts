import { describe, expect, it } from 'vitest'
import { LentPayloads } from './lent-payloads.ts'

describe('lent payloads', () => {
  it('have exactly the length that is asked for, and memory that serves again', () => {
    const payloads = new LentPayloads()
    const first = payloads.take(3000)
    expect(first).toHaveLength(3000)
    expect(payloads.take(3000).buffer).not.toBe(first.buffer)
    payloads.giveBack(first)
    const second = payloads.take(4000)
    expect(second).toHaveLength(4000)
    expect(second.buffer).toBe(first.buffer)
  })

  it('keep neither what is very large nor more than are under way at once', () => {
    const payloads = new LentPayloads()
    const large = payloads.take(10_000_000)
    payloads.giveBack(large)
    expect(payloads.take(10_000_000).buffer).not.toBe(large.buffer)
    const many = Array.from({ length: 100 }, () => payloads.take(1))
    for (const payload of many) {
      payloads.giveBack(payload)
    }
    const known = new Set(many.map(({ buffer }) => buffer))
    const again = Array.from({ length: 100 }, () => payloads.take(1)).filter(({ buffer }) =>
      known.has(buffer),
    )
    expect(again).toHaveLength(16)
  })
})
