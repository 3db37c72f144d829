import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import { BitReader } from '../../bytes/index.ts'
import {
  AAC_SAMPLING_FREQUENCIES,
  ADTS_HEADER_BYTES,
  type AdtsConfig,
  MAX_ADTS_RAW_BYTES,
  writeAdtsHeader,
} from './index.ts'

const stereo: AdtsConfig = { audioObjectType: 2, samplingFrequency: 44100, channelConfiguration: 2 }

function headerOf(config: AdtsConfig, rawLength: number): Uint8Array {
  const header = new Uint8Array(ADTS_HEADER_BYTES)
  writeAdtsHeader(header, 0, config, rawLength)
  return header
}

describe('writeAdtsHeader', () => {
  // The bytes are those FFmpeg 5.1 writes for the same configuration and length.
  it.each([
    { name: '44.1 kHz stereo', config: stereo, rawLength: 90, bytes: 'fff150800c3ffc' },
    {
      name: '48 kHz mono',
      config: { audioObjectType: 2, samplingFrequency: 48000, channelConfiguration: 1 },
      rawLength: 142,
      bytes: 'fff14c4012bffc',
    },
    {
      name: '5.1',
      config: { audioObjectType: 2, samplingFrequency: 44100, channelConfiguration: 6 },
      rawLength: 180,
      bytes: 'fff15180177ffc',
    },
    {
      name: '7.1',
      config: { audioObjectType: 2, samplingFrequency: 44100, channelConfiguration: 7 },
      rawLength: 225,
      bytes: 'fff151c01d1ffc',
    },
  ])('writes $name as FFmpeg does', ({ config, rawLength, bytes }) => {
    expect(Buffer.from(headerOf(config, rawLength)).toString('hex')).toBe(bytes)
  })

  it.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 1],
    [5, 1],
    [29, 1],
    [42, 1],
    [0, 1],
  ])('writes object type %i as profile %i', (audioObjectType, profile) => {
    const reader = new BitReader(headerOf({ ...stereo, audioObjectType }, 100))
    reader.skipBits(16)
    expect(reader.readBits(2)).toBe(profile)
  })

  it('puts every field where the standard has it', () => {
    const configs = fc.record({
      audioObjectType: fc.constantFrom(1, 2, 3),
      samplingFrequency: fc.constantFrom(...AAC_SAMPLING_FREQUENCIES),
      channelConfiguration: fc.integer({ min: 0, max: 7 }),
    })
    fc.assert(
      fc.property(configs, fc.integer({ min: 0, max: MAX_ADTS_RAW_BYTES }), (config, rawLength) => {
        const reader = new BitReader(headerOf(config, rawLength))
        expect(reader.readBits(12)).toBe(0xfff) // syncword
        expect(reader.readBits(1)).toBe(0) // ID: MPEG-4
        expect(reader.readBits(2)).toBe(0) // layer
        expect(reader.readBits(1)).toBe(1) // protection_absent
        expect(reader.readBits(2)).toBe(config.audioObjectType - 1) // profile_ObjectType
        expect(AAC_SAMPLING_FREQUENCIES[reader.readBits(4)]).toBe(config.samplingFrequency)
        expect(reader.readBits(1)).toBe(0) // private_bit
        expect(reader.readBits(3)).toBe(config.channelConfiguration)
        expect(reader.readBits(4)).toBe(0) // original_copy, home, copyright identification bit and start
        expect(reader.readBits(13)).toBe(7 + rawLength) // aac_frame_length
        expect(reader.readBits(11)).toBe(0x7ff) // adts_buffer_fullness
        expect(reader.readBits(2)).toBe(0) // number_of_raw_data_blocks_in_frame
      }),
    )
  })

  it('writes at the offset and nowhere else', () => {
    const target = new Uint8Array(11).fill(0xaa)
    writeAdtsHeader(target, 2, stereo, 90)
    expect(Buffer.from(target).toString('hex')).toBe('aaaafff150800c3ffcaaaa')
  })

  it('takes MAX_ADTS_RAW_BYTES and not one more', () => {
    expect(MAX_ADTS_RAW_BYTES).toBe(8184)
    expect(Buffer.from(headerOf(stereo, MAX_ADTS_RAW_BYTES)).toString('hex')).toBe('fff15083fffffc')
    expect(() => headerOf(stereo, MAX_ADTS_RAW_BYTES + 1)).toThrow(LimitError)
  })

  it.each([
    { name: 'a rate without an index', config: { ...stereo, samplingFrequency: 37_800 } },
    { name: 'a channelConfiguration of more than 3 bits', config: { ...stereo, channelConfiguration: 12 } },
  ])('refuses $name', ({ config }) => {
    expect(() => headerOf(config, 100)).toThrow(ProtocolError)
  })

  it('refuses a target that is too short', () => {
    expect(() => writeAdtsHeader(new Uint8Array(8), 2, stereo, 100)).toThrow(RangeError)
  })
})
