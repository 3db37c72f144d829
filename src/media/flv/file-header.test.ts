import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { decodeFlvFileHeader, encodeFlvFileHeader, FLV_FILE_HEADER_BYTES } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

const cases = [
  {
    name: 'audio and video',
    bytes: '464c56 01 05 00000009 00000000',
    value: { hasAudio: true, hasVideo: true, dataOffset: 9 },
  },
  {
    name: 'audio only',
    bytes: '464c56 01 04 00000009 00000000',
    value: { hasAudio: true, hasVideo: false, dataOffset: 9 },
  },
  {
    name: 'video only',
    bytes: '464c56 01 01 00000009 00000000',
    value: { hasAudio: false, hasVideo: true, dataOffset: 9 },
  },
  {
    name: 'neither',
    bytes: '464c56 01 00 00000009 00000000',
    value: { hasAudio: false, hasVideo: false, dataOffset: 9 },
  },
]

describe('FLV file header', () => {
  it.each(cases)('decodes $name', ({ bytes, value }) => {
    expect(decodeFlvFileHeader(hex(bytes))).toStrictEqual(value)
  })

  it.each(cases)('encodes $name', ({ bytes, value }) => {
    expect(encodeFlvFileHeader(value)).toEqual(hex(bytes))
  })

  it('decodes from the nine bytes without PreviousTagSize0', () => {
    const bytes = hex(cases[0]!.bytes).subarray(0, FLV_FILE_HEADER_BYTES)
    expect(decodeFlvFileHeader(bytes)).toStrictEqual(cases[0]!.value)
  })

  it('decodes a longer header of a later version, whatever its reserved flags', () => {
    expect(decodeFlvFileHeader(hex('464c56 02 fe ffffffff'))).toStrictEqual({
      hasAudio: true,
      hasVideo: false,
      dataOffset: 0xffffffff,
    })
  })

  it.each([
    { name: 'another signature', bytes: '464c57 01 05 00000009' },
    { name: 'a DataOffset inside the header', bytes: '464c56 01 05 00000008' },
    { name: 'a header cut short', bytes: '464c56 01 05 000000' },
    { name: 'no bytes', bytes: '' },
  ])('refuses $name', ({ bytes }) => {
    expect(() => decodeFlvFileHeader(hex(bytes))).toThrow(ProtocolError)
  })

  it('throws nothing but ProtocolError', () => {
    const damaged = fc
      .tuple(fc.nat({ max: 12 }), fc.integer({ min: 0, max: 255 }), fc.nat({ max: 13 }))
      .map(([at, value, length]) => hex(cases[0]!.bytes).with(at, value).subarray(0, length))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 16 })), (bytes) => {
        try {
          expect(decodeFlvFileHeader(bytes).dataOffset).toBeGreaterThanOrEqual(9)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
