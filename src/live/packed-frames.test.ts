import { describe, expect, it } from 'vitest'
import { ms } from '../base/index.ts'
import type { Frame } from './frame.ts'
import { PackedFrames } from './packed-frames.ts'
import { frame } from './testing/frames.ts'

const FRAMES: readonly Frame[] = [
  frame.key(2 ** 40, { compositionOffset: ms(-80), nanosecondOffset: 999_999, trackId: 0 }),
  frame.audio(2 ** 40 + 3, { codec: 'opus', trackId: 255 }),
  frame.inter(2 ** 40 + 40, { codec: 'av1', body: new Uint8Array(10).fill(7).subarray(3, 8) }),
  frame.audio(0, { codec: 'unknown', body: new Uint8Array(0) }),
]

describe('packed frames', () => {
  it('are what they were', () => {
    const packed = new PackedFrames()
    for (const each of FRAMES) {
      packed.push(each)
    }
    expect(packed.list).toEqual(FRAMES)
    expect(packed.length).toBe(FRAMES.length)
    expect(packed.oldestBuffer).toBe(FRAMES[0]?.body.buffer)
    // The very bytes, not a copy.
    expect(packed.list.map(({ body }) => body.buffer)).toEqual(FRAMES.map(({ body }) => body.buffer))
  })

  it('are any number, and gone when they are cleared', () => {
    const packed = new PackedFrames()
    const many = Array.from({ length: 10_000 }, (_, index) => FRAMES[index % FRAMES.length] ?? frame.key(0))
    for (let round = 0; round < 2; round++) {
      for (const each of many) {
        packed.push(each)
      }
      expect(packed.list).toEqual(many)
      packed.clear()
      expect([packed.length, packed.list, packed.oldestBuffer]).toEqual([0, [], null])
    }
  })
})
