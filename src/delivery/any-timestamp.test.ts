import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frame } from '../../test/support/frames.ts'
import { readFlv, readRtmp, readSegment, type WireFrame } from '../../test/support/wire-times.ts'
import { ms, type Ticks90k } from '../base/index.ts'
import { ByteWriter } from '../bytes/index.ts'
import { emptyStreamState, SegmentWriter, type WireFormat } from '../live/index.ts'
import { TsMuxer } from '../media/index.ts'
import { encodeAcknowledgement } from '../rtmp/index.ts'
import { FlvFormat, RtmpFormat } from './index.ts'

const CHUNK_SIZE = 128

/** Any at all, and often near where fields end. */
const integers = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .tuple(fc.constantFrom(0, 2 ** 24, 2 ** 31, 2 ** 32, 2 ** 33, 2 ** 46), fc.integer({ min: -3, max: 3 }))
    .map(([boundary, around]) => boundary + around),
)
const numbers = fc.oneof(integers, fc.double())

const body = fc.nat({ max: 400 }).map((length) => [0x17, 1, 0, 0, 0, ...Array<number>(length).fill(7)])

function wrapped(time: number, bits: number): number {
  return Number(BigInt.asUintN(bits, BigInt(time)))
}

/** A sequence header in the prelude, and a frame, both at that time. */
function write(format: WireFormat, time: number, bytes: readonly number[]): Uint8Array[] {
  const writer = new SegmentWriter()
  const picture = frame('video', time, bytes, { keyframe: true })
  format.append(picture, writer)
  const state = { ...emptyStreamState, videoSequenceHeader: picture, hasVideo: true }
  return [format.prelude({ state, timestamp: ms(time), first: false }), writer.seal()]
}

describe.each<[string, WireFormat, (bytes: Uint8Array, onFrame: (frame: WireFrame) => void) => void]>([
  ['RTMP', new RtmpFormat(CHUNK_SIZE, 1), (bytes, onFrame) => readRtmp(bytes, CHUNK_SIZE, onFrame)],
  ['FLV', FlvFormat.http, readFlv],
])('%s', (_name, format, read) => {
  it('has any whole time modulo 2^32', () => {
    fc.assert(
      fc.property(integers, body, (time, bytes) => {
        const seen: WireFrame[] = []
        for (const part of write(format, time, bytes)) {
          read(part, (each) => seen.push(each))
        }
        expect(seen.map(({ dts }) => dts)).toEqual([wrapped(time, 32), wrapped(time, 32)])
      }),
    )
  })
})

describe('what carries a time', () => {
  it.each([
    ['rtmp', new RtmpFormat(CHUNK_SIZE, 1)] as const,
    ['flv', FlvFormat.http] as const,
    ['ws', FlvFormat.webSocket] as const,
  ])('is written by %s for any number there is, none is out of range', (_name, format) => {
    fc.assert(
      fc.property(numbers, body, (time, bytes) => {
        expect(write(format, time, bytes)).toHaveLength(2)
      }),
    )
  })

  it('is written into a transport stream modulo 2^33 ticks, PTS, DTS and PCR', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: -10_000, max: 10_000 }), (time, offset) => {
        const ticks = Math.trunc(time / 90)
        const muxer = new TsMuxer({ video: 'avc', audio: null })
        const target = new ByteWriter()
        const pieces = [Uint8Array.of(0, 0, 0, 1, 9)]
        const dts = ticks as Ticks90k
        muxer.writeVideo(target, { dts, pts: (ticks + offset) as Ticks90k, randomAccess: true, pieces })
        const { frames, clocks } = readSegment(target.bytes(), { audio: 0x101, video: 0x100 })
        const lead = 63_000
        expect(clocks).toEqual([wrapped(ticks, 33)])
        expect(frames[0]?.pts).toBe(wrapped(ticks + offset + lead, 33))
        expect(frames[0]?.dts).toBe(wrapped(ticks + Math.min(offset, 0) + lead, 33))
      }),
    )
  })

  it('is written into a transport stream for any number there is', () => {
    fc.assert(
      fc.property(numbers, numbers, (dts, pts) => {
        const muxer = new TsMuxer({ video: 'avc', audio: 'aac' })
        const target = new ByteWriter()
        const unit = {
          dts: dts as Ticks90k,
          pts: pts as Ticks90k,
          randomAccess: true,
          pieces: [Uint8Array.of(1)],
        }
        muxer.writeVideo(target, unit)
        muxer.writeAudio(target, 'aac', unit)
        expect(target.length % 188).toBe(0)
      }),
    )
  })

  it('and the count of bytes of an acknowledgement is as well, modulo 2^32', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (count) => {
        const { payload } = encodeAcknowledgement(count)
        expect(Buffer.from(payload).readUInt32BE()).toBe(wrapped(count, 32))
      }),
    )
  })
})
