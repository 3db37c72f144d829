import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import {
  parseVp9KeyframeSize,
  parseVpCodecConfigurationRecord,
  vp9CodecString,
  vp9LevelName,
} from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

// By libvpx of a picture of 322 x 182, as FFmpeg's MP4 muxer stores it: profile 0, and 3 (4:4:4 of 10 bits).
const VPCC = '01000000 000b820202020000'
const VPCC_3 = '01000000 030ba60202020000'
const KEYFRAME = '8249 8342 0014 100b 5606'
const KEYFRAME_3 = 'b124 c1a1 0000 a080 5ab0'

describe('parseVpCodecConfigurationRecord', () => {
  it('reads what a muxer wrote, with the version of the box and without', () => {
    const record = { profile: 0, level: 11, bitDepth: 8 }
    expect(parseVpCodecConfigurationRecord(hex(VPCC))).toEqual(record)
    expect(parseVpCodecConfigurationRecord(hex(VPCC.slice(9)))).toEqual(record)
    expect(parseVpCodecConfigurationRecord(hex(VPCC_3))).toEqual({ profile: 3, level: 11, bitDepth: 10 })
    expect(vp9CodecString(record)).toBe('vp09.00.11.08')
    expect([0, 11, 31].map(vp9LevelName)).toEqual(['', '1.1', '3.1'])
  })

  it('refuses one cut short', () => {
    for (const text of ['', '00', '000b', '01000000000b']) {
      expect(() => parseVpCodecConfigurationRecord(hex(text))).toThrow(ProtocolError)
    }
  })
})

describe('parseVp9KeyframeSize', () => {
  it.each([
    ['of profile 0', KEYFRAME],
    ['of profile 3', KEYFRAME_3],
  ])('reads the size of a picture %s', (_, text) => {
    expect(parseVp9KeyframeSize(hex(text))).toEqual({ width: 322, height: 182 })
  })

  it.each([
    ['nothing', ''],
    ['an inter frame', '8649 8342 0014 100b 5606'],
    ['a frame that shows an earlier one', '8849 8342'],
    ['another frame marker', '0249 8342 0014 100b 5606'],
    ['another sync code', '8249 8343 0014 100b 5606'],
    ['a keyframe cut short', '8249 8342 0014'],
  ])('refuses %s', (_, text) => {
    expect(() => parseVp9KeyframeSize(hex(text))).toThrow(ProtocolError)
  })

  it('throws nothing but ProtocolError, nor does the parser of vpcC', () => {
    const seeds = [VPCC, KEYFRAME, KEYFRAME_3].map(hex)
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat({ max: 255 }))
      .map(([seed, at, value]) => seed.with(at % seed.length, value))
    for (const parse of [parseVp9KeyframeSize, parseVpCodecConfigurationRecord]) {
      fc.assert(
        fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 16 })), (bytes) => {
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
