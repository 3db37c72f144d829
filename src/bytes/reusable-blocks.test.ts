import { describe, expect, it } from 'vitest'
import { MAX_BLOCK_BYTES, MIN_BLOCK_BYTES, ReusableBlocks } from './reusable-blocks.ts'

describe('reusable blocks', () => {
  it.each([
    ['the smallest', 1, 0, MIN_BLOCK_BYTES],
    ['what is wanted, as a power of two that is no more', 1, 4 * MIN_BLOCK_BYTES - 1, 2 * MIN_BLOCK_BYTES],
    ['what is needed, as a power of two', MIN_BLOCK_BYTES + 1, 0, 2 * MIN_BLOCK_BYTES],
    ['no more than the largest', 1, 10 * MAX_BLOCK_BYTES, MAX_BLOCK_BYTES],
    ['what is needed, however much', 3 * MAX_BLOCK_BYTES + 1, 0, 4 * MAX_BLOCK_BYTES],
  ])('have %s', (_, minBytes, wantedBytes, bytes) => {
    expect(new ReusableBlocks().take(minBytes, wantedBytes)).toHaveLength(bytes)
  })

  it('are used again when they are released, the oldest first', () => {
    const blocks = new ReusableBlocks()
    const [first, second, third] = [blocks.take(1, 0), blocks.take(1, 0), blocks.take(1, 0)]
    blocks.release(2)
    expect(blocks.used).toEqual([third])
    expect(blocks.take(1, 0)).toBe(first)
    expect(blocks.take(MIN_BLOCK_BYTES + 1, 0)).toHaveLength(2 * MIN_BLOCK_BYTES)
    expect(blocks.take(1, 0)).toBe(second)
    expect(blocks.take(1, 0)).not.toBe(first)
    expect(blocks.bytes).toBe(6 * MIN_BLOCK_BYTES)
  })

  it('are let go when two releases have passed without a use', () => {
    const blocks = new ReusableBlocks()
    for (let taken = 0; taken < 4; taken++) {
      blocks.take(1, 0)
    }
    blocks.release(3)
    blocks.take(1, 0)
    blocks.release(1)
    expect(blocks.bytes).toBe(4 * MIN_BLOCK_BYTES)
    blocks.take(1, 0)
    blocks.release(1)
    expect(blocks.bytes).toBe(3 * MIN_BLOCK_BYTES)
  })

  it('are not used again once somebody may keep them', () => {
    const blocks = new ReusableBlocks()
    const kept = blocks.take(1, 0)
    blocks.abandon()
    blocks.release(1)
    expect(blocks.take(1, 0)).not.toBe(kept)
    expect(blocks.bytes).toBe(MIN_BLOCK_BYTES)
  })

  it('are not used for much less than they were made for if they are huge, and so let go', () => {
    const blocks = new ReusableBlocks()
    const [huge, large] = [blocks.take(24 * MAX_BLOCK_BYTES, 0), blocks.take(3 * MAX_BLOCK_BYTES, 0)]
    blocks.release(2)
    expect(blocks.take(1, 0)).toBe(large)
    expect(blocks.take(11 * MAX_BLOCK_BYTES, 0)).toHaveLength(11 * MAX_BLOCK_BYTES)
    expect(blocks.take(12 * MAX_BLOCK_BYTES, 0)).toBe(huge)
  })

  it('are not used where much larger ones are wanted, and so let go', () => {
    const blocks = new ReusableBlocks()
    const [small, half] = [blocks.take(1, 0), blocks.take(1, 2 * MIN_BLOCK_BYTES)]
    blocks.take(1, 0)
    blocks.release(2)
    expect(blocks.take(1, 4 * MIN_BLOCK_BYTES) === half).toBe(true)
    expect(blocks.take(1, 4 * MIN_BLOCK_BYTES)).toHaveLength(4 * MIN_BLOCK_BYTES)
    expect(blocks.take(1, 2 * MIN_BLOCK_BYTES) === small).toBe(true)
  })

  it('are all let go when they are cleared', () => {
    const blocks = new ReusableBlocks()
    const [first, second] = [blocks.take(1, 0), blocks.take(1, 0)]
    blocks.release(1)
    blocks.clear()
    expect(blocks.bytes).toBe(0)
    expect([first, second]).not.toContain(blocks.take(1, 0))
  })
})
