import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PAYLOAD_BLOCK_BYTES, PayloadPool } from './payload-pool.ts'

describe('a payload pool', () => {
  it('gives exact sizes that never overlap', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: PAYLOAD_BLOCK_BYTES }), { maxLength: 60 })
    fc.assert(
      fc.property(lengths, (sizes) => {
        const pool = new PayloadPool()
        const taken = sizes.map((size) => pool.take(size))
        for (const [index, bytes] of taken.entries()) {
          bytes.fill(index)
        }
        expect(taken.map((bytes) => bytes.length)).toEqual(sizes)
        expect(taken.every((bytes, index) => bytes.every((byte) => byte === index))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('puts small payloads into one block, and gives large ones memory of their own size', () => {
    const pool = new PayloadPool()
    const [first, second, large] = [pool.take(100), pool.take(200), pool.take(PAYLOAD_BLOCK_BYTES)]
    expect(second.buffer).toBe(first.buffer)
    expect(first.buffer.byteLength).toBe(PAYLOAD_BLOCK_BYTES)
    expect(large.buffer.byteLength).toBe(PAYLOAD_BLOCK_BYTES)
    expect(large.buffer).not.toBe(first.buffer)
  })
})
