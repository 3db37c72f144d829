import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { AudioPacketType, type AudioTagInfo, FLV_SAMPLE_RATES, parseAudioTagBody } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const fourCc = (text: string) => Buffer.from(text, 'latin1').toString('hex')

// `header` ends where the payload begins; the last `bytesAfterTrack` of `payload` are other tracks'.
type Case = {
  name: string
  header: string
  payload: string
  bytesAfterTrack?: number
  value: Partial<Omit<AudioTagInfo, 'dataOffset' | 'dataEnd'>>
}

const defaults = {
  packetType: AudioPacketType.codedFrames,
  sequenceHeader: false,
  sampleRateIndex: null,
  sampleSizeBits: null,
  channelCount: null,
  enhanced: false,
  multitrack: false,
  trackId: 0,
}

const stereo = { sampleRateIndex: 3, sampleSizeBits: 16, channelCount: 2 } as const

const cases: Case[] = [
  {
    name: 'AAC sequence header',
    header: 'af 00',
    payload: '1210',
    value: { codec: 'aac', packetType: 0, sequenceHeader: true, ...stereo },
  },
  { name: 'AAC frame', header: 'af 01', payload: '211c', value: { codec: 'aac', ...stereo } },
  { name: 'empty AAC frame', header: 'af 01', payload: '', value: { codec: 'aac', ...stereo } },
  {
    name: 'AAC of an unknown packet type',
    header: 'af 02',
    payload: '',
    value: { codec: 'aac', packetType: 2, ...stereo },
  },
  { name: 'MP3', header: '2f', payload: 'fffb', value: { codec: 'mp3', ...stereo } },
  {
    name: 'MP3 at 22 kHz, mono',
    header: '2a',
    payload: 'fff3',
    value: { codec: 'mp3', sampleRateIndex: 2, sampleSizeBits: 16, channelCount: 1 },
  },
  {
    name: 'PCM of 8 bits at 5.5 kHz',
    header: '00',
    payload: '80',
    value: { codec: 'pcm', sampleRateIndex: 0, sampleSizeBits: 8, channelCount: 1 },
  },
  {
    name: 'ADPCM at 11 kHz, stereo',
    header: '15',
    payload: '00',
    value: { codec: 'adpcm', sampleRateIndex: 1, sampleSizeBits: 8, channelCount: 2 },
  },
  ...(
    [
      [3, 'pcm'],
      [4, 'nellymoser'],
      [5, 'nellymoser'],
      [6, 'nellymoser'],
      [7, 'g711a'],
      [8, 'g711u'],
      [11, 'speex'],
      [12, 'unknown'],
      [13, 'unknown'],
      [14, 'mp3'],
      [15, 'unknown'],
    ] as const
  ).map(([soundFormat, codec]) => ({
    name: `sound format ${soundFormat}`,
    header: `${soundFormat.toString(16)}f`,
    payload: '00',
    value: { codec, ...stereo },
  })),
  ...(
    [
      ['mp4a', 'aac'],
      ['.mp3', 'mp3'],
      ['Opus', 'opus'],
      ['fLaC', 'flac'],
      ['ac-3', 'ac3'],
      ['ec-3', 'eac3'],
      ['new1', 'unknown'],
    ] as const
  ).flatMap(([id, codec]) => [
    {
      name: `${id} sequence start`,
      header: `90 ${fourCc(id)}`,
      payload: '00',
      value: { codec, packetType: 0, sequenceHeader: true, enhanced: true },
    },
    {
      name: `${id} coded frames`,
      header: `91 ${fourCc(id)}`,
      payload: '00',
      value: { codec, enhanced: true },
    },
  ]),
  {
    name: 'enhanced end of sequence',
    header: `92 ${fourCc('Opus')}`,
    payload: '',
    value: { codec: 'opus', packetType: 2, enhanced: true },
  },
  {
    name: 'channel configuration',
    header: `94 ${fourCc('Opus')}`,
    payload: '01 06 0000003f',
    value: { codec: 'opus', packetType: 4, enhanced: true },
  },
  {
    name: 'a time offset before coded frames',
    header: `97 02 01e240 01 ${fourCc('Opus')}`,
    payload: 'fc',
    value: { codec: 'opus', enhanced: true },
  },
  {
    name: 'one track',
    header: `95 01 ${fourCc('mp4a')} 02`,
    payload: '211c',
    value: { codec: 'aac', enhanced: true, multitrack: true, trackId: 2 },
  },
  {
    name: 'two tracks of one codec',
    header: `95 11 ${fourCc('mp4a')} 01 000002`,
    payload: '211c 02 000001 03',
    bytesAfterTrack: 5,
    value: { codec: 'aac', enhanced: true, multitrack: true, trackId: 1 },
  },
  {
    name: 'two tracks of two codecs',
    header: `95 20 ${fourCc('fLaC')} 01 000002`,
    payload: `211c ${fourCc('Opus')} 02 000001 03`,
    bytesAfterTrack: 9,
    value: {
      codec: 'flac',
      packetType: 0,
      sequenceHeader: true,
      enhanced: true,
      multitrack: true,
      trackId: 1,
    },
  },
]

describe('parseAudioTagBody', () => {
  it.each(cases)('reads $name', ({ header, payload, bytesAfterTrack = 0, value }) => {
    const body = hex(header + payload)
    expect(parseAudioTagBody(body)).toStrictEqual({
      ...defaults,
      ...value,
      dataOffset: hex(header).length,
      dataEnd: body.length - bytesAfterTrack,
    })
  })

  it.each(cases)('needs every byte of the header of $name', ({ header }) => {
    const bytes = hex(header)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseAudioTagBody(bytes.subarray(0, length))).toThrow(ProtocolError)
    }
  })

  it('throws nothing but ProtocolError, and gives offsets inside the body', () => {
    const seeds = cases.map(({ header, payload }) => hex(header + payload))
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([seed, at, value]) => seed.with(at % seed.length, value))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 32 })), (body) => {
        try {
          const { dataOffset, dataEnd } = parseAudioTagBody(body)
          expect(dataOffset).toBeGreaterThan(0)
          expect(dataEnd).toBeGreaterThanOrEqual(dataOffset)
          expect(body.length).toBeGreaterThanOrEqual(dataEnd)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('gives the index of the rate a body states', () => {
    const index = parseAudioTagBody(hex('2a fff3')).sampleRateIndex
    expect(FLV_SAMPLE_RATES[index ?? -1]).toBe(22_050)
  })
})
