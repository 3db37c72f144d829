import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { AAC_SAMPLING_FREQUENCIES, type AudioSpecificConfig, parseAudioSpecificConfig } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** Fields in binary, filled up with zeros to whole bytes. */
function bits(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '')
  const padded = digits.padEnd(Math.ceil(digits.length / 8) * 8, '0')
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

const cases: { name: string; bytes: Uint8Array; value: AudioSpecificConfig }[] = [
  {
    name: 'AAC-LC, stereo',
    bytes: hex('1210'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 44100,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'AAC-LC that says it has no spectral band replication (FFmpeg 5.1)',
    bytes: hex('1188 56e500'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 48000,
      channelConfiguration: 1,
      channelCount: 1,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'AAC-LC, 7.1 (FFmpeg 5.1)',
    bytes: hex('1238 56e500'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 44100,
      channelConfiguration: 7,
      channelCount: 8,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'four channels by a program config element (FFmpeg 5.1)',
    bytes: hex('12000504040021100d4c61766335392e33372e31303056e500'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 44100,
      channelConfiguration: 0,
      channelCount: 4,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'three channels, one of them low-frequency, by a program config element (FFmpeg 5.1)',
    bytes: hex('138005c4010020000d4c61766335392e33372e31303056e500'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 22050,
      channelConfiguration: 0,
      channelCount: 3,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'a program config element with all its options, and HE-AAC behind it',
    bytes: bits(
      `00010 0110 0000 000
       0000 01 0110 0001 0001 0001 01 001 0001 1 0001 1 0010 1 01 1
       1 0000  0 0001  1 0010  0011  0100  0 0101
       0000000
       00000001 01000001
       01010110111 00101 1 0011`,
    ),
    value: {
      audioObjectType: 2,
      samplingFrequency: 24000,
      extensionSamplingFrequency: 48000,
      channelConfiguration: 0,
      channelCount: 6,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'channels by a program config element that is missing',
    bytes: hex('1200'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 44100,
      channelConfiguration: 0,
      channelCount: 0,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'HE-AAC, explicit',
    bytes: hex('2b920800'),
    value: {
      audioObjectType: 5,
      samplingFrequency: 22050,
      extensionSamplingFrequency: 44100,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'HE-AAC v2, explicit',
    bytes: hex('eb8a0800'),
    value: {
      audioObjectType: 29,
      samplingFrequency: 22050,
      extensionSamplingFrequency: 44100,
      channelConfiguration: 1,
      channelCount: 1,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'HE-AAC behind an AAC-LC configuration',
    bytes: hex('1390 56e5a0'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 22050,
      extensionSamplingFrequency: 44100,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'HE-AAC over error-resilient BSAC, whose extension has its own channels',
    bytes: bits('00101 0110 0010 0011 10110 0010  1 0 1 00000 00000000000 0'),
    value: {
      audioObjectType: 5,
      samplingFrequency: 24000,
      extensionSamplingFrequency: 48000,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 960,
    },
  },
  {
    name: 'HE-AAC cut short after the channels',
    bytes: hex('2b90'),
    value: {
      audioObjectType: 5,
      samplingFrequency: 22050,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'a rate written out',
    bytes: bits(`00010 1111 ${(37_800).toString(2).padStart(24, '0')} 0010 000`),
    value: {
      audioObjectType: 2,
      samplingFrequency: 37_800,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'an escaped object type',
    bytes: bits('11111 001010 0100 0010'),
    value: {
      audioObjectType: 42,
      samplingFrequency: 44100,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'frames of 960 samples',
    bytes: bits('00010 0011 0010 1 0 0'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 48000,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 960,
    },
  },
  {
    name: 'AAC-LD with frames of 480 samples and resilience flags, HE-AAC behind it',
    bytes: bits('10111 0110 0010 1 0 1 111 0  01010110111 00101 1 0011'),
    value: {
      audioObjectType: 23,
      samplingFrequency: 24000,
      extensionSamplingFrequency: 48000,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 480,
    },
  },
  {
    name: 'AAC-LD with frames of 512 samples',
    bytes: bits('10111 0011 0010 0 0 0'),
    value: {
      audioObjectType: 23,
      samplingFrequency: 48000,
      channelConfiguration: 2,
      channelCount: 2,
      samplesPerFrame: 512,
    },
  },
  {
    name: 'AAC Scalable over a core coder, HE-AAC behind it',
    bytes: bits('00110 0110 0001 0 1 10101010101010 0 101  01010110111 00101 1 0011'),
    value: {
      audioObjectType: 6,
      samplingFrequency: 24000,
      extensionSamplingFrequency: 48000,
      channelConfiguration: 1,
      channelCount: 1,
      samplesPerFrame: 1024,
    },
  },
  {
    name: 'a reserved channelConfiguration',
    bytes: bits('00010 0011 1111 0 0 0'),
    value: {
      audioObjectType: 2,
      samplingFrequency: 48000,
      channelConfiguration: 15,
      channelCount: 0,
      samplesPerFrame: 1024,
    },
  },
]

describe('parseAudioSpecificConfig', () => {
  it.each(cases)('parses $name', ({ bytes, value }) => {
    expect(parseAudioSpecificConfig(bytes)).toStrictEqual(value)
  })

  it('knows the rate of every samplingFrequencyIndex', () => {
    expect(AAC_SAMPLING_FREQUENCIES).toHaveLength(13)
    AAC_SAMPLING_FREQUENCIES.forEach((samplingFrequency, index) => {
      const bytes = bits(`00010 ${index.toString(2).padStart(4, '0')} 0010 000`)
      expect(parseAudioSpecificConfig(bytes).samplingFrequency).toBe(samplingFrequency)
    })
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0].entries().toArray())(
    'counts the channels of channelConfiguration %i as %i',
    (channelConfiguration, channelCount) => {
      const bytes = bits(`00010 0011 ${channelConfiguration.toString(2).padStart(4, '0')} 000`)
      expect(parseAudioSpecificConfig(bytes)).toMatchObject({ channelConfiguration, channelCount })
    },
  )

  it.each([
    { name: 'no bytes', bytes: hex('') },
    { name: 'one byte', bytes: hex('12') },
    { name: 'a written-out rate cut short', bytes: hex('1780') },
    { name: 'a reserved samplingFrequencyIndex', bytes: bits('00010 1101 0010 000') },
    { name: 'a rate of 0 Hz', bytes: bits(`00010 1111 ${'0'.repeat(24)} 0010 000`) },
  ])('refuses $name', ({ bytes }) => {
    expect(() => parseAudioSpecificConfig(bytes)).toThrow(ProtocolError)
  })

  it('throws nothing but ProtocolError', () => {
    const seeds = cases.map(({ bytes }) => bytes)
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([seed, at, value]) => seed.with(at % seed.length, value))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 24 })), (bytes) => {
        try {
          const config = parseAudioSpecificConfig(bytes)
          expect(config.samplingFrequency).toBeGreaterThan(0)
          expect(config.channelCount).toBeGreaterThanOrEqual(0)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
