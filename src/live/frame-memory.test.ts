import { describe, expect, it } from 'vitest'
import { FrameMemory } from './frame-memory.ts'

const GOP_FRAMES = 60

/** Memory of which the frames of the present GOP are kept; filled with so many GOPs. */
function fill(gops: number, frameBytes: number): FrameMemory {
  let oldest: ArrayBufferLike | null = null
  const memory = new FrameMemory({ oldestKept: () => oldest, mayBeKept: () => false })
  for (let number = 0; number < gops * GOP_FRAMES; number++) {
    const { buffer } = memory.copy(new Uint8Array(frameBytes))
    oldest = number % GOP_FRAMES === 0 ? buffer : oldest
  }
  return memory
}

describe('the memory of a stream’s frames', () => {
  it.each([
    ['of 500 kbit/s', 2500],
    ['of 1.5 Mbit/s', 6000],
  ])('is little more than a GOP %s', (_, frameBytes) => {
    expect(fill(20, frameBytes).bytes).toBeLessThan(1.4 * GOP_FRAMES * frameBytes)
  })

  it('is none once it was cleared', () => {
    const memory = fill(2, 2500)
    memory.clear()
    expect(memory.bytes).toBe(0)
  })
})
