import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import {
  av1CodecString,
  av1LevelName,
  av1ProfileName,
  findAv1PictureSize,
  MAX_AV1_OBUS_SEARCHED,
  parseAv1CodecConfigurationRecord,
} from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

// By libaom of a picture of 322 x 182, as FFmpeg's MP4 muxer stores it: 8 and 10 bits.
const SEQUENCE_HEADER = '0a0b 0000 0004 3d06 d4da f900 40'
const AV1C = `81000c00 ${SEQUENCE_HEADER}`
const AV1C_10 = '81004c00 0a0b 0000 0004 3d06 d4da f940 40'

const u = (width: number, value: number) => value.toString(2).padStart(width, '0')

/** An OBU of a sequence header with these bits. */
function obuOf(...fields: readonly string[]): Uint8Array {
  const bits = fields.join('')
  const bytes = (bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? []).map((byte) =>
    Number.parseInt(byte, 2),
  )
  return Uint8Array.of(0x0a, bytes.length, ...bytes)
}
const size = u(4, 10) + u(4, 9) + u(11, 1279) + u(10, 719)
const point = u(12, 0) + u(5, 8) + u(1, 1)
const timing = `${u(32, 1)}${u(32, 25)}100101` // equal_picture_interval, of 5 ticks
const decoderModel = u(5, 9) + u(32, 1) + u(5, 9) + u(5, 9)

describe('parseAv1CodecConfigurationRecord', () => {
  it('reads what an encoder wrote', () => {
    expect(parseAv1CodecConfigurationRecord(hex(AV1C))).toEqual({
      profile: 0,
      levelIndex: 0,
      highTier: false,
      bitDepth: 8,
      configObus: hex(SEQUENCE_HEADER),
    })
    expect(parseAv1CodecConfigurationRecord(hex(AV1C_10)).bitDepth).toBe(10)
    expect(parseAv1CodecConfigurationRecord(hex('81 4d e0 00'))).toMatchObject({
      profile: 2,
      levelIndex: 13,
      highTier: true,
      bitDepth: 12,
      configObus: hex(''),
    })
  })

  it('refuses another version, and a record cut short', () => {
    for (const text of ['82000c00', '01000c00', '81000c', '']) {
      expect(() => parseAv1CodecConfigurationRecord(hex(text))).toThrow(ProtocolError)
    }
  })
})

describe('findAv1PictureSize', () => {
  it.each([
    ['of configOBUs', hex(SEQUENCE_HEADER), { width: 322, height: 182 }],
    [
      'behind a temporal delimiter and before a frame',
      hex(`1200 ${SEQUENCE_HEADER} 3201aa`),
      { width: 322, height: 182 },
    ],
    [
      'with an extension and a size of two bytes',
      hex(`0e08 8b00 ${SEQUENCE_HEADER.slice(4)}`),
      { width: 322, height: 182 },
    ],
    ['without a size', hex(`08 ${SEQUENCE_HEADER.slice(4)}`), { width: 322, height: 182 }],
    ['of a still picture', obuOf(u(3, 0), '1', '1', u(5, 0), size), { width: 1280, height: 720 }],
    [
      'with timing, but no decoder model',
      obuOf(u(3, 0), '00', '1', timing, '0', '0', u(5, 0), point, size),
      { width: 1280, height: 720 },
    ],
    [
      'with a decoder model, display delays and two points',
      obuOf(
        u(3, 0),
        '00',
        '1',
        timing,
        '1',
        decoderModel,
        '1',
        u(5, 1),
        point,
        '1',
        u(10, 1),
        u(10, 1),
        '0',
        '1',
        u(4, 1),
        point,
        '0',
        '0',
        size,
      ),
      { width: 1280, height: 720 },
    ],
    ['that is not there', hex('1200 3201aa'), null],
    ['that is not among the first', hex(`${'1200'.repeat(MAX_AV1_OBUS_SEARCHED)} ${SEQUENCE_HEADER}`), null],
  ])('finds a sequence header %s', (_, obus, found) => {
    expect(findAv1PictureSize(obus)).toEqual(found)
  })

  it('refuses OBUs cut short, and sizes without end', () => {
    for (const text of [SEQUENCE_HEADER.slice(0, 14), '0a', '0a 8080808080808080', '0a01 00']) {
      expect(() => findAv1PictureSize(hex(text))).toThrow(ProtocolError)
    }
  })

  it('throws nothing but ProtocolError, nor does the parser of av1C', () => {
    const seeds = [SEQUENCE_HEADER, AV1C, AV1C_10].map(hex)
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat({ max: 255 }), fc.nat())
      .map(([seed, at, value, length]) =>
        seed.with(at % seed.length, value).subarray(0, 1 + (length % seed.length)),
      )
    for (const parse of [findAv1PictureSize, parseAv1CodecConfigurationRecord]) {
      fc.assert(
        fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 48 })), (bytes) => {
          try {
            expect(parse(bytes)).toBeTypeOf('object')
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        }),
        { numRuns: 1000 },
      )
    }
  })
})

describe('names of AV1', () => {
  it('are those that players know', () => {
    expect(av1CodecString({ profile: 0, levelIndex: 4, highTier: false, bitDepth: 8 })).toBe('av01.0.04M.08')
    expect(av1CodecString({ profile: 2, levelIndex: 13, highTier: true, bitDepth: 12 })).toBe('av01.2.13H.12')
    expect([0, 1, 2, 3].map(av1ProfileName)).toEqual(['Main', 'High', 'Professional', 'Other'])
    expect([0, 4, 5, 13, 31].map(av1LevelName)).toEqual(['2.0', '3.0', '3.1', '5.1', 'Other'])
  })
})
