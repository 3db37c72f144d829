import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import { type AvcSequenceParameterSet, MAX_AVC_DIMENSION_PIXELS, parseSequenceParameterSet } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

// Fields as strings of bits, by the descriptors of ISO/IEC 14496-10, 7.2.
const u = (count: number, value: number) => value.toString(2).padStart(count, '0')
const ue = (value: number) => {
  const code = (value + 1).toString(2)
  return code.padStart(code.length * 2 - 1, '0')
}
const se = (value: number) => ue(value > 0 ? value * 2 - 1 : -value * 2)

/** Closes the bits of a sequence parameter set with rbsp_trailing_bits and adds the NAL unit header and emulation prevention. */
function nalUnitOf(...fields: string[]): Uint8Array {
  const bits = `${fields.join('')}1`
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0')
  const bytes = (padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  const escaped = [0x67]
  for (const byte of bytes) {
    if (escaped.at(-1) === 0 && escaped.at(-2) === 0 && byte <= 3) {
      escaped.push(3)
    }
    escaped.push(byte)
  }
  return Uint8Array.from(escaped)
}

const baseline = u(8, 66) + u(8, 0xc0) + u(8, 30) + ue(0)
const countByType2 = ue(0) + ue(2) + ue(1) + u(1, 0)
const pictureOf = (width: number, height: number) =>
  ue(width / 16 - 1) + ue(height / 16 - 1) + u(1, 1) + u(1, 1)
const noCropping = u(1, 0)
const noVui = u(1, 0)
const timing = (unitsInTick: number, timeScale: number) =>
  u(1, 1) + u(4, 0) + u(1, 1) + u(32, unitsInTick) + u(32, timeScale) + u(1, 1) + u(4, 0)

const cases: { name: string; nalUnit: Uint8Array; value: AvcSequenceParameterSet }[] = [
  // FFmpeg 5.1 with libx264; sizes and rates as asked of it.
  {
    name: 'Baseline, cropped in height',
    nalUnit: hex('6742c00cda05067e7c0440000003004000000c83c50aa8'),
    value: {
      profileIdc: 66,
      profileCompatibility: 0xc0,
      levelIdc: 12,
      width: 320,
      height: 180,
      frameRate: 25,
    },
  },
  {
    name: '1080p at 30000/1001',
    nalUnit: hex('6742c028da01e0089f97011000003e90000ea600f1832a'),
    value: {
      profileIdc: 66,
      profileCompatibility: 0xc0,
      levelIdc: 40,
      width: 1920,
      height: 1080,
      frameRate: 30000 / 1001,
    },
  },
  {
    name: '1080 lines interlaced',
    nalUnit: hex('674d4028f403c0227ef011000003000100000300321f162ea0'),
    value: {
      profileIdc: 77,
      profileCompatibility: 0x40,
      levelIdc: 40,
      width: 1920,
      height: 1080,
      frameRate: 25,
    },
  },
  {
    name: 'High 4:2:2, cropped both ways',
    nalUnit: hex('677a000dbcb40a8cf1117808800000030080000019078a1550'),
    value: { profileIdc: 122, profileCompatibility: 0, levelIdc: 13, width: 322, height: 182, frameRate: 25 },
  },
  {
    name: 'High 4:4:4 Predictive, cropped both ways',
    nalUnit: hex('67f4000d919681519e3e2f011000000300100000030320f142aa'),
    value: { profileIdc: 244, profileCompatibility: 0, levelIdc: 13, width: 322, height: 182, frameRate: 25 },
  },
  {
    name: 'High 10, cropped both ways',
    nalUnit: hex('676e0015a6cb40a8cf11360220000003002000000c81e2c5d4'),
    value: { profileIdc: 110, profileCompatibility: 0, levelIdc: 21, width: 322, height: 182, frameRate: 50 },
  },
  {
    name: 'High, monochrome',
    nalUnit: hex('6764000df2d0283f602d9000000300100000030320f142aa'),
    value: { profileIdc: 100, profileCompatibility: 0, levelIdc: 13, width: 320, height: 240, frameRate: 25 },
  },
  {
    name: 'High with HRD parameters',
    nalUnit: hex('6764001facd940a02ff9701100000300010000030078604000f424001e84e4d38078c18cb0'),
    value: { profileIdc: 100, profileCompatibility: 0, levelIdc: 31, width: 640, height: 360, frameRate: 60 },
  },
  {
    name: 'sample aspect ratio and colour description',
    nalUnit: hex('6742c01fda014016effc000c0011a808080a000003000200000300781e3065'),
    value: {
      profileIdc: 66,
      profileCompatibility: 0xc0,
      levelIdc: 31,
      width: 1280,
      height: 720,
      frameRate: 30,
    },
  },
  // Made by hand.
  {
    name: 'no VUI',
    nalUnit: nalUnitOf(baseline, countByType2, pictureOf(640, 352), noCropping, noVui),
    value: { profileIdc: 66, profileCompatibility: 0xc0, levelIdc: 30, width: 640, height: 352 },
  },
  {
    name: 'picture order count type 1',
    nalUnit: nalUnitOf(
      baseline,
      ue(0) + ue(1) + u(1, 0) + se(-3) + se(2) + ue(3) + se(1) + se(-70000) + se(0) + ue(1) + u(1, 0),
      pictureOf(640, 352),
      noCropping,
      noVui,
    ),
    value: { profileIdc: 66, profileCompatibility: 0xc0, levelIdc: 30, width: 640, height: 352 },
  },
  {
    name: 'scaling lists: a full one, one that ends early, absent ones',
    nalUnit: nalUnitOf(
      u(8, 100) + u(8, 0) + u(8, 31) + ue(0),
      ue(1) + ue(0) + ue(0) + u(1, 0) + u(1, 1),
      u(1, 1) + se(8) + se(-4).repeat(3) + se(0).repeat(12),
      u(1, 1) + se(5) + se(-13),
      u(4, 0),
      u(1, 1) + se(1).repeat(64),
      u(1, 0),
      countByType2,
      pictureOf(1280, 720),
      noCropping,
      noVui,
    ),
    value: { profileIdc: 100, profileCompatibility: 0, levelIdc: 31, width: 1280, height: 720 },
  },
  {
    name: 'twelve scaling lists of 4:4:4 with separate colour planes, whose cropping counts single samples',
    nalUnit: nalUnitOf(
      u(8, 244) + u(8, 0) + u(8, 31) + ue(0),
      ue(3) + u(1, 1) + ue(0) + ue(0) + u(1, 0) + u(1, 1),
      u(11, 0) + u(1, 1) + se(-8),
      countByType2,
      pictureOf(1280, 720),
      u(1, 1) + ue(1) + ue(2) + ue(3) + ue(4),
      noVui,
    ),
    value: { profileIdc: 244, profileCompatibility: 0, levelIdc: 31, width: 1277, height: 713 },
  },
  {
    name: 'extended sample aspect ratio, overscan and chroma location before the timing',
    nalUnit: nalUnitOf(
      baseline,
      countByType2,
      pictureOf(640, 352),
      noCropping,
      u(1, 1) + u(1, 1) + u(8, 255) + u(16, 4) + u(16, 3) + u(2, 3) + u(1, 0) + u(1, 1) + ue(1) + ue(0),
      u(1, 1) + u(32, 1001) + u(32, 48000) + u(1, 1) + u(4, 0),
    ),
    value: {
      profileIdc: 66,
      profileCompatibility: 0xc0,
      levelIdc: 30,
      width: 640,
      height: 352,
      frameRate: 24000 / 1001,
    },
  },
  {
    name: 'timing of 32 bits',
    nalUnit: nalUnitOf(baseline, countByType2, pictureOf(640, 352), noCropping, timing(2 ** 31, 0xffffffff)),
    value: {
      profileIdc: 66,
      profileCompatibility: 0xc0,
      levelIdc: 30,
      width: 640,
      height: 352,
      frameRate: 0xffffffff / 2 ** 32,
    },
  },
]

describe('parseSequenceParameterSet', () => {
  it.each(cases)('parses $name', ({ nalUnit, value }) => {
    expect(parseSequenceParameterSet(nalUnit)).toStrictEqual(value)
  })

  it.each([
    { name: 'zero units in a tick', vui: timing(0, 50) },
    { name: 'a time scale of zero', vui: timing(1, 0) },
    { name: 'a VUI without timing', vui: u(1, 1) + u(4, 0) + u(1, 0) + u(4, 0) },
    { name: 'a VUI cut short', vui: u(1, 1) + u(4, 0) + u(1, 1) + u(32, 1) },
  ])('gives no frame rate for $name', ({ vui }) => {
    const nalUnit = nalUnitOf(baseline, countByType2, pictureOf(640, 352), noCropping, vui)
    const parsed = parseSequenceParameterSet(nalUnit)
    expect(parsed).toMatchObject({ width: 640, height: 352 })
    expect(parsed).not.toHaveProperty('frameRate')
  })

  it.each([
    { name: 'an empty NAL unit', nalUnit: hex('') },
    { name: 'a picture parameter set', nalUnit: hex('68ebe3cb22c0') },
    { name: 'a set without a picture size', nalUnit: hex('6742c00cda') },
    {
      name: 'a chroma_format_idc of 4',
      nalUnit: nalUnitOf(u(8, 100) + u(8, 0) + u(8, 31) + ue(0), ue(4) + u(40, 0xfffff)),
    },
    {
      name: 'a picture cropped to nothing',
      nalUnit: nalUnitOf(
        baseline,
        countByType2,
        pictureOf(640, 352),
        u(1, 1) + ue(160) + ue(160) + ue(0) + ue(0),
        noVui,
      ),
    },
  ])('refuses $name', ({ nalUnit }) => {
    expect(() => parseSequenceParameterSet(nalUnit)).toThrow(ProtocolError)
  })

  it('takes a side of MAX_AVC_DIMENSION_PIXELS and no longer one', () => {
    const nalUnitOfSize = (width: number, height: number) =>
      nalUnitOf(baseline, countByType2, pictureOf(width, height), noCropping, noVui)
    const max = MAX_AVC_DIMENSION_PIXELS
    expect(parseSequenceParameterSet(nalUnitOfSize(max, 16)).width).toBe(max)
    expect(parseSequenceParameterSet(nalUnitOfSize(16, max)).height).toBe(max)
    expect(() => parseSequenceParameterSet(nalUnitOfSize(max + 16, 16))).toThrow(LimitError)
    expect(() => parseSequenceParameterSet(nalUnitOfSize(16, max + 16))).toThrow(LimitError)
  })

  it('throws nothing but ProtocolError', () => {
    const seeds = cases.map(({ nalUnit }) => nalUnit)
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat())
      .map(([seed, at, value, length]) =>
        seed.with(at % seed.length, value).subarray(0, 1 + (length % seed.length)),
      )
    const random = fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.from([0x67, ...bytes]))
    fc.assert(
      fc.property(fc.oneof(damaged, random), (nalUnit) => {
        try {
          const { width, height } = parseSequenceParameterSet(nalUnit)
          expect(width).toBeGreaterThan(0)
          expect(height).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
