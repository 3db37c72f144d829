import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frame } from '../../../test/support/frames.ts'
import { ms } from '../../base/index.ts'
import { emptyStreamState, type Frame, SegmentWriter, type StreamState } from '../../live/index.ts'
import { encodeAmf0, type FlvTag, FlvTagReader, FlvTagType } from '../../media/index.ts'
import { FlvFormat } from './flv-format.ts'

const METADATA = frame('data', 40, encodeAmf0('onMetaData', {}))
const VIDEO_HEADER = frame('video', 40, [0x17, 0, 0, 0, 0, 1], { sequenceHeader: true })
const AUDIO_HEADER = frame('audio', 40, [0xaf, 0, 0x12, 0x10], { sequenceHeader: true })

const state: StreamState = {
  ...emptyStreamState,
  metadata: METADATA,
  metadataProperties: {},
  videoSequenceHeader: VIDEO_HEADER,
  audioSequenceHeader: AUDIO_HEADER,
  hasVideo: true,
  hasAudio: true,
}

/** Bytes of an FLV file header with the size behind it. */
const FILE_HEADER = Buffer.from('464c5601050000000900000000', 'hex')

function append(format: FlvFormat, ...frames: readonly Frame[]): Uint8Array {
  const writer = new SegmentWriter()
  for (const each of frames) {
    format.append(each, writer)
  }
  return writer.seal()
}

function readTags(flv: Uint8Array): FlvTag[] {
  const tags: FlvTag[] = []
  new FlvTagReader().push(flv, (tag) => tags.push(tag))
  return tags
}

type WebSocketMessage = { lengthBytes: number; payload: Uint8Array }

/** Takes the frames of RFC 6455, 5.2, apart: final, binary, unmasked. */
function readWebSocket(bytes: Uint8Array): WebSocketMessage[] {
  const view = Buffer.from(bytes)
  const messages: WebSocketMessage[] = []
  for (let at = 0; at < view.length; ) {
    expect(view[at]).toBe(0x82)
    const short = view[at + 1] ?? 0
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    const length =
      lengthBytes === 0
        ? short
        : lengthBytes === 2
          ? view.readUInt16BE(at + 2)
          : Number(view.readBigUInt64BE(at + 2))
    const start = at + 2 + lengthBytes
    expect(start + length).toBeLessThanOrEqual(view.length)
    messages.push({ lengthBytes, payload: view.subarray(start, start + length) })
    at = start + length
  }
  return messages
}

const TYPES = { audio: FlvTagType.audio, video: FlvTagType.video, data: FlvTagType.script } as const

describe.each([FlvFormat.http, FlvFormat.webSocket])('FlvFormat $key', (format) => {
  const unframe = (bytes: Uint8Array): Uint8Array =>
    format === FlvFormat.http ? bytes : Buffer.concat(readWebSocket(bytes).map(({ payload }) => payload))

  it('begins a new player’s stream with the file header, metadata and sequence headers', () => {
    const flv = unframe(format.prelude({ state, timestamp: ms(1234), first: true }))
    expect(Buffer.from(flv.subarray(0, 13))).toEqual(FILE_HEADER)
    expect(readTags(flv)).toEqual([
      { type: FlvTagType.script, timestampMs: 0, body: METADATA.body },
      { type: FlvTagType.video, timestampMs: 1234, body: VIDEO_HEADER.body },
      { type: FlvTagType.audio, timestampMs: 1234, body: AUDIO_HEADER.body },
    ])
  })

  it('gives a player that skipped the same without the file header', () => {
    const flv = unframe(format.prelude({ state, timestamp: ms(1234), first: false }))
    expect(readTags(Buffer.concat([FILE_HEADER, flv])).map(({ type }) => type)).toEqual([18, 9, 8])
  })

  it.each([
    [true, true, 5],
    [true, false, 4],
    [false, true, 1],
    [false, false, 0],
  ])('announces audio (%s) and video (%s) as the stream has them', (hasAudio, hasVideo, flags) => {
    const context = { state: { ...emptyStreamState, hasAudio, hasVideo }, timestamp: ms(0), first: true }
    const flv = unframe(format.prelude(context))
    expect(flv).toHaveLength(13)
    expect(flv[4]).toBe(flags)
  })

  it('gives nothing where there is nothing to give', () => {
    expect(format.prelude({ state: emptyStreamState, timestamp: ms(0), first: false })).toHaveLength(0)
  })

  it('writes any frames so that an FLV reader finds them, whichever segment it begins at', () => {
    const anyFrames = fc.array(
      fc.record({
        kind: fc.constantFrom('audio' as const, 'video' as const, 'data' as const),
        timestamp: fc.oneof(fc.nat({ max: 100 }), fc.integer({ min: 0, max: 2 ** 40 })),
        length: fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(110, 111, 65_520, 65_521, 70_000)),
        seal: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(anyFrames, fc.nat({ max: 8 }), (all, from) => {
        const writer = new SegmentWriter()
        const segments: Uint8Array[] = []
        const expected: FlvTag[][] = [[]]
        for (const { kind, timestamp, length, seal } of all) {
          const body = new Uint8Array(length).fill(length % 251)
          format.append(frame(kind, timestamp, body), writer)
          const wireTime = timestamp % 2 ** 32
          expected.at(-1)?.push({ type: TYPES[kind], timestampMs: wireTime, body })
          if (seal) {
            segments.push(writer.seal())
            expected.push([])
          }
        }
        segments.push(writer.seal())
        const flv = unframe(Buffer.concat(segments.slice(from)))
        expect(readTags(Buffer.concat([FILE_HEADER, flv]))).toEqual(expected.slice(from).flat())
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    [2 ** 24 - 1, 2 ** 24 - 1],
    [2 ** 24, 2 ** 24],
    [2 ** 31, 2 ** 31],
    [2 ** 32 - 1, 2 ** 32 - 1],
    [2 ** 32, 0],
    [2 ** 32 + 2 ** 24 + 5, 2 ** 24 + 5],
    [2 ** 45 + 7, 7],
  ])('writes the time %i as %i', (timestamp, wireTime) => {
    const inSegment = unframe(append(format, frame('video', timestamp, [1])))
    const inPrelude = unframe(format.prelude({ state, timestamp: ms(timestamp), first: false }))
    expect(readTags(Buffer.concat([FILE_HEADER, inSegment]))[0]?.timestampMs).toBe(wireTime)
    expect(readTags(Buffer.concat([FILE_HEADER, inPrelude]))[1]?.timestampMs).toBe(wireTime)
  })

  it('writes behind every tag its size', () => {
    const flv = Buffer.from(unframe(append(format, frame('audio', 0, [1, 2, 3]))))
    expect(flv.readUInt32BE(flv.length - 4)).toBe(11 + 3)
  })
})

describe('FlvFormat.http', () => {
  it('is nothing but FLV', () => {
    const bytes = append(FlvFormat.http, frame('audio', 5, [0xaf, 1, 9]))
    expect(Buffer.from(bytes).toString('hex')).toBe('0800000300000500000000af01090000000e')
  })

  it('has another key than FlvFormat.webSocket', () => {
    expect([FlvFormat.http.key, FlvFormat.webSocket.key]).toEqual(['flv', 'ws-flv'])
  })
})

describe('FlvFormat.webSocket', () => {
  const TAG_BYTES = 11 + 4

  it.each([
    [125, 0],
    [126, 2],
    [65_535, 2],
    [65_536, 8],
    [1_000_000, 8],
  ])('frames a tag of %i bytes with %i bytes of length', (bytes, lengthBytes) => {
    const body = Uint8Array.from({ length: bytes - TAG_BYTES }, (_, i) => i % 256)
    const messages = readWebSocket(append(FlvFormat.webSocket, frame('video', 7, body)))
    expect(messages.map((each) => each.lengthBytes)).toEqual([lengthBytes])
    expect(messages[0]?.payload).toHaveLength(bytes)
    const [tag] = readTags(Buffer.concat([FILE_HEADER, messages[0]?.payload ?? FILE_HEADER]))
    expect(Buffer.compare(tag?.body ?? new Uint8Array(0), body)).toBe(0)
  })

  it('sends a tag a message, and the prelude as one', () => {
    const three = append(
      FlvFormat.webSocket,
      frame('video', 0, [1]),
      frame('audio', 0, [2]),
      frame('data', 0, [3]),
    )
    expect(readWebSocket(three)).toHaveLength(3)
    expect(readWebSocket(FlvFormat.webSocket.prelude({ state, timestamp: ms(0), first: true }))).toHaveLength(
      1,
    )
  })

  it.each([65_535, 65_536])('frames a prelude of %i bytes', (bytes) => {
    const metadata = frame('data', 0, new Uint8Array(bytes - TAG_BYTES))
    const prelude = FlvFormat.webSocket.prelude({
      state: { ...emptyStreamState, metadata },
      timestamp: ms(0),
      first: false,
    })
    expect(readWebSocket(prelude).map(({ payload }) => payload.length)).toEqual([bytes])
  })
})
