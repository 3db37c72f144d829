import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  decodeFlvTagHeader,
  FLV_PREVIOUS_TAG_SIZE_BYTES,
  FLV_TAG_HEADER_BYTES,
  FlvTagType,
  MAX_FLV_BODY_BYTES,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

function encode(type: FlvTagType, bodyLength: number, timestampMs: number): Uint8Array {
  const header = new Uint8Array(FLV_TAG_HEADER_BYTES)
  writeFlvTagHeader(header, 0, type, bodyLength, timestampMs)
  return header
}

const { audio, video, script } = FlvTagType

const cases = [
  {
    name: 'a script tag at 0',
    bytes: '12 000125 000000 00 000000',
    type: script,
    bodyLength: 0x125,
    timestampMs: 0,
  },
  { name: 'an audio tag', bytes: '08 000007 000017 00 000000', type: audio, bodyLength: 7, timestampMs: 23 },
  {
    name: 'a body of 0 bytes',
    bytes: '08 000000 000017 00 000000',
    type: audio,
    bodyLength: 0,
    timestampMs: 23,
  },
  {
    name: 'the longest body',
    bytes: '09 ffffff 000001 00 000000',
    type: video,
    bodyLength: MAX_FLV_BODY_BYTES,
    timestampMs: 1,
  },
  {
    name: 'the last time in 24 bits',
    bytes: '09 000001 ffffff 00 000000',
    type: video,
    bodyLength: 1,
    timestampMs: 2 ** 24 - 1,
  },
  {
    name: 'the first time beyond 24 bits',
    bytes: '09 000001 000000 01 000000',
    type: video,
    bodyLength: 1,
    timestampMs: 2 ** 24,
  },
  {
    name: 'the last time in 31 bits',
    bytes: '09 000001 ffffff 7f 000000',
    type: video,
    bodyLength: 1,
    timestampMs: 2 ** 31 - 1,
  },
  {
    name: 'the first time beyond 31 bits',
    bytes: '09 000001 000000 80 000000',
    type: video,
    bodyLength: 1,
    timestampMs: 2 ** 31,
  },
  {
    name: 'the last time in 32 bits',
    bytes: '09 000001 ffffff ff 000000',
    type: video,
    bodyLength: 1,
    timestampMs: 2 ** 32 - 1,
  },
]

describe('FLV tag header', () => {
  it.each(cases)('decodes $name', ({ bytes, type, bodyLength, timestampMs }) => {
    expect(decodeFlvTagHeader(hex(bytes))).toStrictEqual({ type, bodyLength, timestampMs })
  })

  it.each(cases)('encodes $name', ({ bytes, type, bodyLength, timestampMs }) => {
    expect(encode(type, bodyLength, timestampMs)).toEqual(hex(bytes))
  })

  it.each([
    { timestampMs: 2 ** 32, written: 0 },
    { timestampMs: 2 ** 32 + 1, written: 1 },
    { timestampMs: 5 * 2 ** 32 + 2 ** 31 + 7, written: 2 ** 31 + 7 },
    { timestampMs: Number.MAX_SAFE_INTEGER, written: 2 ** 32 - 1 },
    { timestampMs: -1, written: 2 ** 32 - 1 },
    { timestampMs: -(2 ** 24) - 1, written: 2 ** 32 - 2 ** 24 - 1 },
  ])('writes the low 32 bits of $timestampMs', ({ timestampMs, written }) => {
    expect(decodeFlvTagHeader(encode(video, 1, timestampMs)).timestampMs).toBe(written)
  })

  it('decodes what was written for any time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(audio, video, script),
        fc.integer({ min: 0, max: MAX_FLV_BODY_BYTES }),
        fc.maxSafeNat(),
        (type, bodyLength, timestampMs) => {
          expect(decodeFlvTagHeader(encode(type, bodyLength, timestampMs))).toStrictEqual({
            type,
            bodyLength,
            timestampMs: Number(BigInt(timestampMs) & 0xffffffffn),
          })
        },
      ),
    )
  })

  it('writes and decodes at an offset, and touches nothing else', () => {
    const target = new Uint8Array(15).fill(0xaa)
    writeFlvTagHeader(target, 2, audio, 7, 23)
    expect(target).toEqual(hex('aaaa 08 000007 000017 00 000000 aaaa'))
    expect(decodeFlvTagHeader(target, 2)).toStrictEqual({ type: audio, bodyLength: 7, timestampMs: 23 })
  })

  it('passes unknown types and stream ids', () => {
    expect(decodeFlvTagHeader(hex('ff 000007 000017 00 010203'))).toStrictEqual({
      type: 0xff,
      bodyLength: 7,
      timestampMs: 23,
    })
  })

  it('refuses to write a body longer than MAX_FLV_BODY_BYTES', () => {
    expect(() => encode(video, MAX_FLV_BODY_BYTES + 1, 0)).toThrow(LimitError)
  })

  it('refuses a target that is too short', () => {
    expect(() => writeFlvTagHeader(new Uint8Array(12), 2, video, 1, 0)).toThrow(RangeError)
    expect(() => writeFlvPreviousTagSize(new Uint8Array(5), 2, 1)).toThrow(RangeError)
  })

  it('refuses every shorter beginning of a header', () => {
    for (let length = 0; length < FLV_TAG_HEADER_BYTES; length++) {
      expect(() => decodeFlvTagHeader(hex(cases[0]!.bytes).subarray(0, length))).toThrow(ProtocolError)
    }
  })
})

describe('writeFlvPreviousTagSize', () => {
  it.each([
    { bodyLength: 0, bytes: '0000000b' },
    { bodyLength: 7, bytes: '00000012' },
    { bodyLength: MAX_FLV_BODY_BYTES, bytes: '0100000a' },
  ])('adds the header to a body of $bodyLength bytes', ({ bodyLength, bytes }) => {
    const target = new Uint8Array(FLV_PREVIOUS_TAG_SIZE_BYTES + 2)
    writeFlvPreviousTagSize(target, 1, bodyLength)
    expect(target).toEqual(hex(`00 ${bytes} 00`))
  })
})
