import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCuts, cutAt, type ReadMessage, readPieces, toHex } from '../../test/support/chunks.ts'
import { frame } from '../../test/support/frames.ts'
import { ms } from '../base/index.ts'
import { emptyStreamState, type Frame, type FrameKind, SegmentWriter } from '../live/index.ts'
import { encodeAmf0 } from '../media/index.ts'
import { ChunkWriter, encodeSetChunkSize } from '../rtmp/index.ts'
import { RtmpFormat } from './rtmp-format.ts'

const CHUNK_SIZE = 60_000
const STREAM_ID = 3

/** Reads what a player with that chunk size got. */
function read(chunkSize: number, bytes: Uint8Array, cuts: readonly number[] = []): ReadMessage[] {
  const announced = new ChunkWriter().encode(encodeSetChunkSize(chunkSize))
  const { messages, error } = readPieces([announced, ...cutAt(bytes, cuts)])
  expect(error).toBeNull()
  return messages.slice(1)
}

function append(format: RtmpFormat, ...frames: readonly Frame[]): Uint8Array {
  const writer = new SegmentWriter()
  for (const each of frames) {
    format.append(each, writer)
  }
  return writer.seal()
}

/** The message a frame is: SRS's chunk streams, the player's message stream. */
function messageOf({ kind, timestamp, body }: Frame, streamId: number, at: number = timestamp): ReadMessage {
  const channels: Readonly<Record<FrameKind, [type: number, chunkStreamId: number]>> = {
    audio: [8, 6],
    video: [9, 7],
    data: [18, 4],
  }
  const [type, chunkStreamId] = channels[kind]
  const wireTime = at % 2 ** 32
  return { type, streamId, timestamp: wireTime, chunkStreamId, payload: toHex(body) }
}

const anyFrame = fc
  .record({
    kind: fc.constantFrom('audio' as const, 'video' as const, 'data' as const),
    timestamp: fc.oneof(
      fc.nat({ max: 100 }),
      fc.constantFrom(2 ** 24 - 2, 2 ** 24 - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 2 ** 24),
      fc.integer({ min: 0, max: 2 ** 40 }),
    ),
    length: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(127, 128, 129, 256, 257)),
  })
  .map(({ kind, timestamp, length }) => frame(kind, timestamp, new Uint8Array(length).fill(length % 251)))

describe('RtmpFormat', () => {
  it('writes any frames so that a player finds them, whichever segment it begins at', () => {
    const segmentsOfFrames = fc.array(fc.array(anyFrame, { maxLength: 4 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(
        segmentsOfFrames,
        fc.constantFrom(1, 128, 200, CHUNK_SIZE),
        fc.nat({ max: 4 }),
        anyCuts(3000),
        (segments, chunkSize, from, cuts) => {
          const format = new RtmpFormat(chunkSize, STREAM_ID)
          const writer = new SegmentWriter()
          const sealed = segments.map((frames) => {
            for (const each of frames) {
              format.append(each, writer)
            }
            return writer.seal()
          })
          const expected = segments.slice(from).flat()
          expect(read(chunkSize, Buffer.concat(sealed.slice(from)), cuts)).toEqual(
            expected.map((each) => messageOf(each, STREAM_ID)),
          )
        },
      ),
      { numRuns: 100 },
    )
  })

  it('begins with metadata and sequence headers, at the time the player enters', () => {
    const format = new RtmpFormat(CHUNK_SIZE, STREAM_ID)
    const metadata = frame('data', 1, [2, 0, 1, 0x61])
    const videoSequenceHeader = frame('video', 2, [0x17, 0, 0, 0, 0, 1])
    const audioSequenceHeader = frame('audio', 3, [0xaf, 0, 0x12, 0x10])
    const state = { ...emptyStreamState, metadata, videoSequenceHeader, audioSequenceHeader }
    for (const timestamp of [1234, 2 ** 24, 2 ** 32 + 9]) {
      const prelude = format.prelude({ state, timestamp: ms(timestamp), first: true })
      expect(read(CHUNK_SIZE, prelude)).toEqual(
        [metadata, audioSequenceHeader, videoSequenceHeader].map((each) =>
          messageOf(each, STREAM_ID, timestamp),
        ),
      )
      expect(format.prelude({ state, timestamp: ms(timestamp), first: false })).toEqual(prelude)
    }
  })

  it('begins with nothing where there is nothing', () => {
    const format = new RtmpFormat(CHUNK_SIZE, STREAM_ID)
    expect(format.prelude({ state: emptyStreamState, timestamp: ms(0), first: true })).toHaveLength(0)
  })

  it('writes metadata that came late in a stream without an extended timestamp', () => {
    const format = new RtmpFormat(CHUNK_SIZE, 1)
    const body = encodeAmf0('onMetaData', {})
    const bytes = append(format, frame('data', 2 ** 25, body))
    expect(toHex(bytes)).toBe(`040000000000111201000000${toHex(body)}`)
  })

  it('writes other data at its time', () => {
    const body = encodeAmf0('onTextData', {})
    const bytes = append(new RtmpFormat(CHUNK_SIZE, 1), frame('data', 0x123456, body))
    expect(toHex(bytes)).toBe(`041234560000111201000000${toHex(body)}`)
  })

  it('names what its players left out, in its key too', () => {
    const audioOnly = new RtmpFormat(128, 1, { audio: true, video: false })
    expect(audioOnly).toMatchObject({ key: 'rtmp/128/1/audio', leavesOut: ['video'] })
    const videoOnly = new RtmpFormat(128, 1, { audio: false, video: true })
    expect(videoOnly).toMatchObject({ key: 'rtmp/128/1/video', leavesOut: ['audio'] })
    expect(new RtmpFormat(128, 1).leavesOut).toEqual([])
  })

  it('cuts a frame into chunks of the size announced', () => {
    const body = new Uint8Array(2 * CHUNK_SIZE + 1).fill(7)
    const bytes = append(new RtmpFormat(CHUNK_SIZE, 1), frame('video', 2 ** 24, body))
    expect(bytes).toHaveLength(12 + 4 + 2 * (1 + 4) + body.length)
    expect(read(CHUNK_SIZE, bytes)).toHaveLength(1)
  })

  it('has a key for every chunk size and message stream, for their bytes differ', () => {
    const formats = [new RtmpFormat(128, 1), new RtmpFormat(128, 2), new RtmpFormat(60_000, 1)]
    expect(formats.map(({ key }) => key)).toEqual(['rtmp/128/1', 'rtmp/128/2', 'rtmp/60000/1'])
    const bytes = formats.map((format) => toHex(append(format, frame('audio', 0, new Uint8Array(200)))))
    expect(new Set(bytes).size).toBe(3)
  })
})
