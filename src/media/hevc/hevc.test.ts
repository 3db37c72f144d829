import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  HevcNalUnitType,
  hevcCodecString,
  hevcLevelName,
  hevcNalUnitTypeOf,
  hevcProfileName,
  isIntraRandomAccess,
  MAX_HEVC_DIMENSION_PIXELS,
  parseHevcDecoderConfigurationRecord,
  parseHevcPictureSize,
} from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

// By x265 3.5 of a picture of 322 x 182, as FFmpeg's MP4 muxer stores it; the array of SEI cut off.
const VPS = '40010c01ffff01600000030090000003000003003c959409'
const SPS = '42010101600000030090000003000003003ca00a880c1c44d965654a4c2f016808000003000800000300c840'
const PPS = '4401c073c189'
const HVCC = `0101600000009000000000003cf000fcfdf8f800000f03 200001 0018${VPS} 210001 002c${SPS} 220001 0006${PPS}`
const SPS_422_10 = '4201010408000003009d0800000300003cb00a880c1c445b6595952930bc05a020000003002000000303 21'
const HVCC_422_10 = '0104080000009d08000000003cf000fcfefafa00000f00'

/** `value` in `width` bits; the bits of ue(v). */
const u = (width: number, value: number) => value.toString(2).padStart(width, '0')
const ue = (value: number) => {
  const code = (value + 1).toString(2)
  return code.padStart(code.length * 2 - 1, '0')
}

/** A sequence parameter set without emulation prevention, as it needs none. */
function spsOf(subLayers: number, subLayerFlags: string, ...fields: readonly string[]): Uint8Array {
  const profile = '1'.repeat(96)
  const bits = u(4, 0) + u(3, subLayers) + u(1, 0) + profile + subLayerFlags + fields.join('')
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
  return Uint8Array.of(0x42, 0x01, ...(padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

describe('parseHevcDecoderConfigurationRecord', () => {
  it('reads what an encoder wrote', () => {
    const bytes = hex(HVCC)
    expect(parseHevcDecoderConfigurationRecord(bytes)).toEqual({
      profileSpace: 0,
      highTier: false,
      profileIdc: 1,
      profileCompatibility: 0x60000000,
      constraintFlags: hex('900000000000'),
      levelIdc: 60,
      nalUnitLengthSize: 4,
      videoParameterSets: [hex(VPS)],
      sequenceParameterSets: [hex(SPS)],
      pictureParameterSets: [hex(PPS)],
    })
    expect(parseHevcDecoderConfigurationRecord(hex(HVCC.replace('01', '00'))).levelIdc).toBe(60)
  })

  it('gathers parameter sets of several arrays, and leaves other NAL units out', () => {
    const head = HVCC_422_10.slice(0, -2)
    const record = parseHevcDecoderConfigurationRecord(
      hex(`${head} 03 a2 0001 0001 aa 27 0001 0001 bb a2 0001 0001 cc`),
    )
    expect(record.pictureParameterSets).toEqual([hex('aa'), hex('cc')])
    expect(record.videoParameterSets).toEqual([])
  })

  it('refuses another version, and a record cut short anywhere', () => {
    expect(() => parseHevcDecoderConfigurationRecord(hex(HVCC.replace('01', '02')))).toThrow(ProtocolError)
    const bytes = hex(HVCC)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseHevcDecoderConfigurationRecord(bytes.subarray(0, length))).toThrow(ProtocolError)
    }
  })
})

describe('parseHevcPictureSize', () => {
  it.each([
    ['4:2:0, cropped', hex(SPS), 322, 182],
    ['4:2:2 of 10 bits, cropped', hex(SPS_422_10), 322, 182],
    ['uncropped', spsOf(0, '', ue(0), ue(1), ue(640), ue(352), '0'), 640, 352],
    [
      'monochrome, cropped',
      spsOf(0, '', ue(0), ue(0), ue(640), ue(352), '1', ue(1), ue(2), ue(3), ue(4)),
      637,
      345,
    ],
    [
      '4:4:4, cropped',
      spsOf(0, '', ue(0), ue(3), '0', ue(640), ue(352), '1', ue(1), ue(2), ue(3), ue(4)),
      637,
      345,
    ],
    [
      'with two sub-layers, one with a profile and one with a level',
      spsOf(
        2,
        `1001${'0'.repeat(12)}${'1'.repeat(88)}${'1'.repeat(8)}`,
        ue(0),
        ue(1),
        ue(1280),
        ue(720),
        '0',
      ),
      1280,
      720,
    ],
  ])('reads the size of pictures %s', (_, nalUnit, width, height) => {
    expect(parseHevcPictureSize(nalUnit)).toEqual({ width, height })
  })

  it.each([
    ['nothing', hex('')],
    ['another NAL unit', hex(PPS)],
    ['a set cut short', hex(SPS).subarray(0, 20)],
    ['a chroma_format_idc of 4', spsOf(0, '', ue(0), ue(4), ue(640), ue(352), '0')],
    [
      'a picture cropped to nothing',
      spsOf(0, '', ue(0), ue(1), ue(640), ue(352), '1', ue(160), ue(160), ue(0), ue(0)),
    ],
    ['a picture of no width', spsOf(0, '', ue(0), ue(1), ue(0), ue(352), '0')],
  ])('refuses %s', (_, nalUnit) => {
    expect(() => parseHevcPictureSize(nalUnit)).toThrow(ProtocolError)
  })

  it('takes a side of MAX_HEVC_DIMENSION_PIXELS and no longer one', () => {
    const max = MAX_HEVC_DIMENSION_PIXELS
    const sized = (width: number, height: number) => spsOf(0, '', ue(0), ue(1), ue(width), ue(height), '0')
    expect(parseHevcPictureSize(sized(max, 16)).width).toBe(max)
    expect(() => parseHevcPictureSize(sized(max + 16, 16))).toThrow(LimitError)
    expect(() => parseHevcPictureSize(sized(16, max + 16))).toThrow(LimitError)
  })
})

describe('names of HEVC', () => {
  it('are those that players know', () => {
    expect(hevcCodecString(parseHevcDecoderConfigurationRecord(hex(HVCC)))).toBe('hvc1.1.6.L60.90')
    expect(hevcCodecString(parseHevcDecoderConfigurationRecord(hex(HVCC_422_10)))).toBe('hvc1.4.10.L60.9D.8')
    const high = { profileSpace: 1, profileIdc: 2, profileCompatibility: 4, highTier: true, levelIdc: 93 }
    expect(hevcCodecString({ ...high, constraintFlags: hex('b00000000000') })).toBe('hvc1.A2.20000000.H93.B0')
    expect(hevcCodecString({ ...high, constraintFlags: hex('000000000000') })).toBe('hvc1.A2.20000000.H93')
    expect([1, 2, 3, 4, 9].map(hevcProfileName)).toEqual([
      'Main',
      'Main10',
      'MainStillPicture',
      'Rext',
      'Other',
    ])
    expect([30, 60, 93, 120, 123, 186].map(hevcLevelName)).toEqual(['1', '2', '3.1', '4', '4.1', '6.2'])
  })
})

describe('HEVC NAL units', () => {
  it('have a type, and some begin decoding', () => {
    expect([VPS, SPS, PPS].map((unit) => hevcNalUnitTypeOf(hex(unit)))).toEqual([32, 33, 34])
    expect(() => hevcNalUnitTypeOf(hex('42'))).toThrow(ProtocolError)
    expect(
      [15, 16, 19, 20, 21, 23, 24, HevcNalUnitType.accessUnitDelimiter].map(isIntraRandomAccess),
    ).toEqual([false, true, true, true, true, true, false, false])
  })
})

describe('the HEVC parsers', () => {
  it('throw nothing but ProtocolError', () => {
    const seeds = [HVCC, HVCC_422_10, SPS, SPS_422_10].map(hex)
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat({ max: 255 }), fc.nat())
      .map(([seed, at, value, length]) =>
        seed.with(at % seed.length, value).subarray(0, 1 + (length % seed.length)),
      )
    const random = fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.of(0x42, 1, ...bytes))
    for (const parse of [parseHevcDecoderConfigurationRecord, parseHevcPictureSize]) {
      fc.assert(
        fc.property(fc.oneof(damaged, random), (bytes) => {
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
