import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PAYLOAD_BLOCK_BYTES, PayloadPool, UNPOOLED_BYTES } from './payload-pool.ts'

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
    pool.take(UNPOOLED_BYTES)
    const [first, second, large] = [pool.take(100), pool.take(200), pool.take(PAYLOAD_BLOCK_BYTES)]
    expect(second.buffer).toBe(first.buffer)
    expect(first.buffer.byteLength).toBe(PAYLOAD_BLOCK_BYTES)
    expect(large.buffer.byteLength).toBe(PAYLOAD_BLOCK_BYTES)
    expect(large.buffer).not.toBe(first.buffer)
  })

  it('holds nothing for a connection that only sends commands', () => {
    const pool = new PayloadPool()
    const commands = Array.from({ length: UNPOOLED_BYTES / 200 }, () => pool.take(200))
    expect(commands.map(({ buffer }) => buffer.byteLength)).toEqual(commands.map(() => 200))
    expect(new Set(commands.map(({ buffer }) => buffer)).size).toBe(commands.length)
  })
})
