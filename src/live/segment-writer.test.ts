import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_BLOCK_BYTES, MIN_BLOCK_BYTES } from '../bytes/index.ts'
import { SegmentWriter } from './segment-writer.ts'

/** Writes `length` bytes that are all `value`. */
function write(writer: SegmentWriter, length: number, value: number): void {
  const target = writer.reserve(length)
  expect(target).toHaveLength(length)
  target.fill(value)
}

describe('a segment writer', () => {
  it('seals what was written since the last seal', () => {
    const writer = new SegmentWriter()
    write(writer, 2, 1)
    write(writer, 1, 2)
    expect(writer.length).toBe(3)
    expect([...writer.seal()]).toEqual([1, 1, 2])
    expect(writer.length).toBe(0)
    expect(writer.seal()).toHaveLength(0)
    write(writer, 1, 3)
    expect([...writer.seal()]).toEqual([3])
  })

  it('takes a frame that is larger than its blocks, in an open segment too', () => {
    const writer = new SegmentWriter()
    write(writer, 10, 1)
    write(writer, 5_000_000, 2)
    write(writer, 10, 3)
    const sealed = writer.seal()
    expect(sealed).toHaveLength(5_000_020)
    expect(sealed.subarray(0, 10).every((byte) => byte === 1)).toBe(true)
    expect(sealed.subarray(10, -10).every((byte) => byte === 2)).toBe(true)
    expect(sealed.subarray(-10).every((byte) => byte === 3)).toBe(true)
  })

  it.each([
    ['the smallest, unless more is wanted', 0, MIN_BLOCK_BYTES],
    ['such as are wanted, and a power of two', 140_000, 131_072],
    ['none that is very large', 10_000_000, MAX_BLOCK_BYTES],
  ])('cuts many small segments from one block of memory: %s', (_, wantedBytes, blockBytes) => {
    const writer = new SegmentWriter()
    writer.heldBytes = 4 * wantedBytes
    const buffers = new Set<ArrayBufferLike>()
    for (let i = 0; i < Math.floor(blockBytes / 200); i++) {
      write(writer, 200, i % 256)
      buffers.add(writer.seal().buffer)
    }
    expect([...buffers].map(({ byteLength }) => byteLength)).toEqual([blockBytes])
  })

  it('gives segments that together are what was written, and that never change', () => {
    const length = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 200_000 }), fc.constant(256 * 1024))
    const steps = fc.array(fc.oneof(length, fc.constant('seal' as const)), { maxLength: 40 })
    fc.assert(
      fc.property(steps, (list) => {
        const writer = new SegmentWriter()
        const written: Uint8Array[] = []
        const sealed: { bytes: Uint8Array; copy: Uint8Array }[] = []
        const seal = (): void => {
          const expected = writer.length
          const bytes = writer.seal()
          expect(bytes).toHaveLength(expected)
          sealed.push({ bytes, copy: Uint8Array.from(bytes) })
        }
        for (const [index, step] of list.entries()) {
          if (step === 'seal') {
            seal()
          } else {
            write(writer, step, index)
            written.push(new Uint8Array(step).fill(index))
          }
        }
        seal()
        const whole = Buffer.concat(written)
        expect(whole.equals(Buffer.concat(sealed.map(({ bytes }) => bytes)))).toBe(true)
        expect(sealed.every(({ bytes, copy }) => Buffer.compare(bytes, copy) === 0)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('gives memory up rather than have it held back by who never reads', () => {
    const writer = new SegmentWriter(() => 0)
    const memory: number[] = []
    for (let sealed = 0; sealed < 10_000; sealed++) {
      write(writer, 1000, sealed % 256)
      writer.seal()
      writer.heldBytes = 100_000
      memory.push(writer.memoryBytes)
    }
    expect(Math.max(...memory)).toBeLessThan(2_000_000)
  })

  it('uses again what is needed no more', () => {
    let firstNeeded = 0
    const writer = new SegmentWriter(() => firstNeeded)
    const buffers = new Set<ArrayBufferLike>()
    for (let sealed = 0; sealed < 10_000; sealed++) {
      write(writer, 1000, sealed % 256)
      buffers.add(writer.seal().buffer)
      firstNeeded = sealed - 50
    }
    expect(buffers.size).toBeLessThan(8)
  })

  it('takes little more memory than what is needed of it, once the stream has gone on for a while', () => {
    const gopSegments = 8
    const segmentBytes = 20_000
    let newest = 0
    const writer = new SegmentWriter(() => newest - (newest % gopSegments))
    for (newest = 0; newest < 30 * gopSegments; newest++) {
      for (let frame = 0; frame < 8; frame++) {
        write(writer, segmentBytes / 8, frame)
      }
      writer.seal()
      writer.heldBytes = ((newest % gopSegments) + 1) * segmentBytes
    }
    expect(writer.memoryBytes).toBeLessThan(1.8 * gopSegments * segmentBytes)
  })

  it('has no memory any more once it was cleared, and goes on', () => {
    const writer = new SegmentWriter(() => 99)
    for (let value = 0; value < 100; value++) {
      write(writer, 1000, value)
      writer.seal()
    }
    write(writer, 10, 1)
    const sealed = writer.seal()
    writer.clear()
    expect(writer.memoryBytes).toBe(0)
    write(writer, 10, 2)
    expect([...writer.seal(), ...sealed]).toEqual([...Array(10).fill(2), ...Array(10).fill(1)])
  })
})
