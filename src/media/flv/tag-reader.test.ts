import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  encodeFlvFileHeader,
  type FlvTag,
  FlvTagReader,
  FlvTagType,
  MAX_FLV_TAG_BYTES,
  parseAudioTagBody,
  parseVideoTagBody,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))

const { audio, video, script } = FlvTagType

// 0.12 s of grey and silence by FFmpeg 5.1 (libx264 with one B-frame, without its SEI; AAC), without the metadata tag.
const ffmpegStream = hex(`
  464c56 01 05 00000009 00000000
  09 000031 000000 00 000000 1700000000 0164000affe100176764000aace47b011000000300100000030320f122512001
    000668ebe3cb22c0fdf8f800 0000003c
  08 000007 000000 00 000000 af00 120856e500 00000012
  09 000014 000000 00 000000 1701000028 0000000b65888400cffef6ecbe07cf 0000001f
  08 000017 000011 00 000000 af01 de02004c61766335392e33372e313030000230400e 00000022
  09 000011 000028 00 000000 2701000050 00000008419a29b10afffec0 0000001c
  08 000006 000028 00 000000 af01 01182007 00000011
  08 000006 00003f 00 000000 af01 01182007 00000011
  09 000011 000050 00 000000 2701000000 00000008019e45e42bffc481 0000001c
  08 000006 000056 00 000000 af01 01182007 00000011
  09 000005 000050 00 000000 1702000000 00000010`)

/** An FLV stream of these tags; types need not be known ones. */
function encodeStream(tags: readonly { type: number; timestampMs: number; body: Uint8Array }[]): Uint8Array {
  const parts = tags.map(({ type, timestampMs, body }) => {
    const bytes = new Uint8Array(11 + body.length + 4)
    writeFlvTagHeader(bytes, 0, video, body.length, timestampMs)
    bytes[0] = type
    bytes.set(body, 11)
    writeFlvPreviousTagSize(bytes, 11 + body.length, body.length)
    return bytes
  })
  return new Uint8Array(Buffer.concat([encodeFlvFileHeader({ hasAudio: true, hasVideo: true }), ...parts]))
}

/** What comes out of a reader fed these chunks, each of which is overwritten once it was pushed. */
function readChunks(chunks: readonly Uint8Array[]): FlvTag[] {
  const reader = new FlvTagReader()
  const tags: FlvTag[] = []
  for (const chunk of chunks) {
    const slab = Buffer.from(chunk)
    reader.push(slab, (tag) => tags.push(tag))
    slab.fill(0xee)
  }
  return tags
}

function cutAt(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...cuts, stream.length])]
    .filter((place) => place <= stream.length)
    .sort((a, b) => a - b)
  return places.slice(1).map((place, index) => stream.subarray(places[index], place))
}

const cutEverywhere = (stream: Uint8Array) =>
  cutAt(
    stream,
    Array.from(stream, (_, index) => index),
  )

const tagArbitrary = fc.record({
  type: fc.constantFrom(audio, video, script),
  timestampMs: fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.constantFrom(0, 2 ** 24 - 1, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1),
  ),
  body: fc.uint8Array({ maxLength: 40 }),
})

describe('FlvTagReader', () => {
  it('reads what FFmpeg writes', () => {
    const tags = readChunks([ffmpegStream])
    // As ffprobe shows the packets.
    const frames = tags.map(({ type, timestampMs, body }) => {
      if (type === audio) {
        const info = parseAudioTagBody(body)
        return ['audio', info.sequenceHeader ? 'header' : timestampMs, body.length - info.dataOffset]
      }
      const info = parseVideoTagBody(body)
      const time = [timestampMs, timestampMs + info.compositionOffset, info.keyframe ? 'key' : '']
      const kind = info.sequenceHeader ? 'header' : info.endOfSequence ? 'end' : time
      return ['video', kind, body.length - info.dataOffset]
    })
    expect(frames).toEqual([
      ['video', 'header', 44],
      ['audio', 'header', 5],
      ['video', [0, 40, 'key'], 15],
      ['audio', 17, 21],
      ['video', [40, 120, ''], 12],
      ['audio', 40, 4],
      ['audio', 63, 4],
      ['video', [80, 80, ''], 12],
      ['audio', 86, 4],
      ['video', 'end', 0],
    ])
  })

  it('reads the same from one byte at a time', () => {
    expect(readChunks(cutEverywhere(ffmpegStream))).toEqual(readChunks([ffmpegStream]))
  })

  it('reads the same however the stream is cut, and what was written', () => {
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(tagArbitrary, { maxLength: 8 }), cuts, (tags, places) => {
        const stream = encodeStream(tags)
        expect(readChunks([stream])).toEqual(tags)
        expect(readChunks(cutAt(stream, places))).toEqual(tags)
        expect(readChunks(cutEverywhere(stream))).toEqual(tags)
      }),
    )
  })

  it('gives each body an array of its own of exactly its size', () => {
    for (const { body } of readChunks([ffmpegStream])) {
      expect(body.constructor).toBe(Uint8Array)
      expect(body.buffer.byteLength).toBe(body.length)
    }
  })

  it('hands a tag over with the last byte of its body, before PreviousTagSize', () => {
    const stream = encodeStream([{ type: audio, timestampMs: 1, body: hex('af01aa') }])
    const reader = new FlvTagReader()
    const tags: FlvTag[] = []
    reader.push(stream.subarray(0, -5), (tag) => tags.push(tag))
    expect(tags).toHaveLength(0)
    reader.push(stream.subarray(-5, -4), (tag) => tags.push(tag))
    expect(tags).toHaveLength(1)
  })

  it('hands over an empty tag with the last byte of its header', () => {
    const stream = encodeStream([{ type: audio, timestampMs: 1, body: hex('') }])
    expect(readChunks([stream.subarray(0, -4)])).toEqual([{ type: audio, timestampMs: 1, body: hex('') }])
    expect(readChunks([stream.subarray(0, -5)])).toEqual([])
  })

  it('shows the file header once it is whole', () => {
    const reader = new FlvTagReader()
    const header = encodeFlvFileHeader({ hasAudio: true, hasVideo: false })
    reader.push(header.subarray(0, 8), () => {})
    expect(reader.header).toBeNull()
    reader.push(header.subarray(8, 9), () => {})
    expect(reader.header).toEqual({ hasAudio: true, hasVideo: false, dataOffset: 9 })
  })

  it('begins where the file header says', () => {
    const stream = encodeStream([{ type: audio, timestampMs: 1, body: hex('af01aa') }])
    const longer = Buffer.concat([hex('464c56 02 04 0000000c ffffff'), stream.subarray(9)])
    const expected = [{ type: audio, timestampMs: 1, body: hex('af01aa') }]
    expect(readChunks([longer])).toEqual(expected)
    expect(readChunks(cutEverywhere(longer))).toEqual(expected)
  })

  it.each([0, 15, 0x28, 0xff])('passes over tags of type %i', (type) => {
    const stream = encodeStream([
      { type: audio, timestampMs: 1, body: hex('af01aa') },
      { type, timestampMs: 2, body: hex('0102030405') },
      { type, timestampMs: 3, body: hex('') },
      { type: video, timestampMs: 4, body: hex('2701000000') },
    ])
    for (const chunks of [[stream], cutEverywhere(stream)]) {
      expect(readChunks(chunks).map(({ timestampMs }) => timestampMs)).toEqual([1, 4])
    }
  })

  it('does not care what PreviousTagSize says', () => {
    const stream = encodeStream([
      { type: audio, timestampMs: 1, body: hex('af01aa') },
      { type: audio, timestampMs: 2, body: hex('af01bb') },
    ])
    const damaged = stream
      .with(12, 9)
      .with(9, 0xff)
      .with(13 + 11 + 3, 0xff)
    expect(readChunks([damaged])).toEqual(readChunks([stream]))
  })

  it('refuses a stream that is no FLV', () => {
    const reader = new FlvTagReader()
    expect(() => reader.push(Buffer.from('GET / HTTP/1.1\r\n'), () => {})).toThrow(ProtocolError)
    expect(reader.header).toBeNull()
    expect(() => reader.push(ffmpegStream, () => {})).toThrow(ProtocolError)
  })

  it('takes a body of MAX_FLV_TAG_BYTES and not one more', () => {
    const header = new Uint8Array(11)
    const begin = (bodyLength: number) => {
      const reader = new FlvTagReader()
      reader.push(encodeFlvFileHeader({ hasAudio: false, hasVideo: true }), () => {})
      writeFlvTagHeader(header, 0, video, bodyLength, 0)
      reader.push(header, () => {})
      return reader
    }
    const lengths: number[] = []
    begin(MAX_FLV_TAG_BYTES).push(new Uint8Array(MAX_FLV_TAG_BYTES), ({ body }) => lengths.push(body.length))
    expect(lengths).toEqual([MAX_FLV_TAG_BYTES])
    expect(() => begin(MAX_FLV_TAG_BYTES + 1)).toThrow(LimitError)
  })

  it('goes on with the next chunk after the receiver threw', () => {
    const tags = [1, 2, 3].map((timestampMs) => ({ type: audio, timestampMs, body: hex('af01aa') }))
    const stream = encodeStream(tags)
    const reader = new FlvTagReader()
    const endOfFirst = 13 + 11 + 3
    expect(() =>
      reader.push(stream.subarray(0, endOfFirst), () => {
        throw new Error('full')
      }),
    ).toThrow('full')
    const rest: FlvTag[] = []
    reader.push(stream.subarray(endOfFirst), (tag) => rest.push(tag))
    expect(rest).toEqual(tags.slice(1))
  })

  it('throws nothing but ProtocolError, at the same place however the stream is cut', () => {
    const damaged = fc
      .tuple(fc.array(tagArbitrary, { maxLength: 4 }), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([tags, at, value]) => {
        const stream = encodeStream(tags)
        return stream.with(at % stream.length, value)
      })
    const random = fc
      .uint8Array({ maxLength: 64 })
      .map((bytes) => new Uint8Array(Buffer.concat([ffmpegStream.subarray(0, 13), bytes])))
    const outcome = (chunks: readonly Uint8Array[]) => {
      const tags: FlvTag[] = []
      const reader = new FlvTagReader()
      try {
        for (const chunk of chunks) {
          reader.push(chunk, (tag) => tags.push(tag))
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        return { tags, error: String(error) }
      }
      return { tags, error: null }
    }
    fc.assert(
      fc.property(fc.oneof(damaged, random), (stream) => {
        expect(outcome(cutEverywhere(stream))).toEqual(outcome([stream]))
      }),
      { numRuns: 200 },
    )
  })
})
