import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { type AvcDecoderConfigurationRecord, parseAvcDecoderConfigurationRecord } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

// `tail` is what the parser does not read. Bytes of the first two: FFmpeg 5.1 with libx264.
const cases: { name: string; bytes: string; tail: string; value: AvcDecoderConfigurationRecord }[] = [
  {
    name: 'Baseline without a tail',
    bytes: '0142c00c ff e1 0017 6742c00cda05067e7c0440000003004000000c83c50aa8 01 0004 68ce0fc8',
    tail: '',
    value: {
      profileIdc: 66,
      profileCompatibility: 0xc0,
      levelIdc: 12,
      nalUnitLengthSize: 4,
      sequenceParameterSets: [hex('6742c00cda05067e7c0440000003004000000c83c50aa8')],
      pictureParameterSets: [hex('68ce0fc8')],
    },
  },
  {
    name: 'High with a tail',
    bytes: '0164000a ff e1 0017 6764000aace47b011000000300100000030320f1225120 01 0006 68ebe3cb22c0',
    tail: 'fdf8f800',
    value: {
      profileIdc: 100,
      profileCompatibility: 0,
      levelIdc: 10,
      nalUnitLengthSize: 4,
      sequenceParameterSets: [hex('6764000aace47b011000000300100000030320f1225120')],
      pictureParameterSets: [hex('68ebe3cb22c0')],
    },
  },
  {
    name: 'several sets, 2-byte lengths and padding',
    bytes: '014d401e fd e2 0002 6701 0003 670203 02 0001 68 0002 6801',
    tail: '0000',
    value: {
      profileIdc: 77,
      profileCompatibility: 0x40,
      levelIdc: 30,
      nalUnitLengthSize: 2,
      sequenceParameterSets: [hex('6701'), hex('670203')],
      pictureParameterSets: [hex('68'), hex('6801')],
    },
  },
  {
    name: 'no sets at all, reserved bits zero',
    bytes: '0142001e 00 00 00',
    tail: '',
    value: {
      profileIdc: 66,
      profileCompatibility: 0,
      levelIdc: 30,
      nalUnitLengthSize: 1,
      sequenceParameterSets: [],
      pictureParameterSets: [],
    },
  },
]

describe('parseAvcDecoderConfigurationRecord', () => {
  it.each(cases)('parses $name', ({ bytes, tail, value }) => {
    expect(parseAvcDecoderConfigurationRecord(hex(bytes + tail))).toEqual(value)
  })

  it.each(cases)('does not need what follows the parameter sets: $name', ({ bytes, tail, value }) => {
    for (let length = 0; length <= hex(tail).length; length++) {
      const cut = Buffer.concat([hex(bytes), hex(tail).subarray(0, length)])
      expect(parseAvcDecoderConfigurationRecord(new Uint8Array(cut))).toEqual(value)
    }
  })

  it.each(cases)('refuses every shorter beginning of $name', ({ bytes }) => {
    const whole = hex(bytes)
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseAvcDecoderConfigurationRecord(whole.subarray(0, length))).toThrow(ProtocolError)
    }
  })

  it('returns views and copies nothing', () => {
    const bytes = hex(cases[0]!.bytes)
    const record = parseAvcDecoderConfigurationRecord(bytes)
    expect(record.sequenceParameterSets[0]?.buffer).toBe(bytes.buffer)
    expect(record.pictureParameterSets[0]?.buffer).toBe(bytes.buffer)
  })

  it('reads as many sets as the counts can state', () => {
    const record = parseAvcDecoderConfigurationRecord(
      hex(`0142001e ff ff ${'0001 67'.repeat(31)} ff ${'0001 68'.repeat(255)}`),
    )
    expect(record.sequenceParameterSets).toHaveLength(31)
    expect(record.pictureParameterSets).toHaveLength(255)
  })

  it('refuses another configurationVersion', () => {
    const bytes = hex(cases[0]!.bytes)
    bytes[0] = 0
    expect(() => parseAvcDecoderConfigurationRecord(bytes)).toThrow('configurationVersion 0')
  })

  it('throws nothing but ProtocolError', () => {
    const seeds = cases.map(({ bytes, tail }) => hex(bytes + tail))
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([seed, at, value]) => seed.with(at % seed.length, value))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 64 })), (bytes) => {
        try {
          const record = parseAvcDecoderConfigurationRecord(bytes)
          expect(record.nalUnitLengthSize).toBeGreaterThanOrEqual(1)
          expect(record.nalUnitLengthSize).toBeLessThanOrEqual(4)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
