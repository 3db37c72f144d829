import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ms, ProtocolError } from '../../base/index.ts'
import { parseVideoTagBody, VideoFrameType, VideoPacketType, type VideoTagInfo } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const fourCc = (text: string) => Buffer.from(text, 'latin1').toString('hex')

// `header` ends where the payload begins; the last `bytesAfterTrack` of `payload` are other tracks'.
type Case = {
  name: string
  header: string
  payload: string
  bytesAfterTrack?: number
  value: Partial<Omit<VideoTagInfo, 'dataOffset' | 'dataEnd'>>
}

const { keyFrame, interFrame, disposableInterFrame, generatedKeyFrame, command } = VideoFrameType

const defaults = {
  frameType: keyFrame,
  packetType: VideoPacketType.codedFrames,
  keyframe: false,
  sequenceHeader: false,
  endOfSequence: false,
  compositionOffset: ms(0),
  enhanced: false,
  multitrack: false,
  trackId: 0,
}

const cases: Case[] = [
  {
    name: 'classic AVC sequence header',
    header: '17 00 000000',
    payload: '0164000a',
    value: { codec: 'avc', packetType: 0, sequenceHeader: true },
  },
  {
    name: 'classic AVC keyframe',
    header: '17 01 000028',
    payload: '00000002 6588',
    value: { codec: 'avc', keyframe: true, compositionOffset: ms(40) },
  },
  {
    name: 'classic AVC inter frame shown before it is decoded',
    header: '27 01 ffffd8',
    payload: '00000002 419a',
    value: { codec: 'avc', frameType: interFrame, compositionOffset: ms(-40) },
  },
  {
    name: 'classic AVC with the greatest composition time',
    header: '27 01 7fffff',
    payload: '',
    value: { codec: 'avc', frameType: interFrame, compositionOffset: ms(0x7fffff) },
  },
  {
    name: 'classic AVC end of sequence, whose composition time means nothing',
    header: '17 02 000028',
    payload: '',
    value: { codec: 'avc', packetType: 2, endOfSequence: true },
  },
  {
    name: 'classic AVC of an unknown packet type',
    header: '17 09 000028',
    payload: '00',
    value: { codec: 'avc', packetType: 9 },
  },
  {
    name: 'a configuration in an inter frame, which is no sequence header',
    header: '27 00 000000',
    payload: '0164000a',
    value: { codec: 'avc', frameType: interFrame, packetType: 0 },
  },
  {
    name: 'a generated keyframe',
    header: '47 01 000000',
    payload: '00000002 6588',
    value: { codec: 'avc', frameType: generatedKeyFrame },
  },
  {
    name: 'classic AVC command',
    header: '57',
    payload: '00',
    value: { codec: 'avc', frameType: command },
  },
  {
    name: 'classic HEVC sequence header',
    header: '1c 00 000000',
    payload: '01',
    value: { codec: 'hevc', packetType: 0, sequenceHeader: true },
  },
  {
    name: 'classic HEVC keyframe',
    header: '1c 01 000001',
    payload: '00000002 2601',
    value: { codec: 'hevc', keyframe: true, compositionOffset: ms(1) },
  },
  { name: 'H.263 keyframe', header: '12', payload: '000084', value: { codec: 'h263', keyframe: true } },
  {
    name: 'disposable H.263 frame',
    header: '32',
    payload: '000084',
    value: { codec: 'h263', frameType: disposableInterFrame },
  },
  { name: 'Screen keyframe', header: '13', payload: '00', value: { codec: 'screen', keyframe: true } },
  { name: 'VP6 keyframe', header: '14', payload: '00', value: { codec: 'vp6', keyframe: true } },
  {
    name: 'VP6 with alpha',
    header: '25',
    payload: '00',
    value: { codec: 'vp6', frameType: interFrame },
  },
  {
    name: 'Screen 2',
    header: '26',
    payload: '00',
    value: { codec: 'screen', frameType: interFrame },
  },
  {
    name: 'a codec id unknown here',
    header: '1f',
    payload: '00',
    value: { codec: 'unknown', keyframe: true },
  },
  ...(
    [
      ['avc1', 'avc'],
      ['hvc1', 'hevc'],
      ['vvc1', 'vvc'],
    ] as const
  ).flatMap(([id, codec]) => [
    {
      name: `${id} sequence start`,
      header: `90 ${fourCc(id)}`,
      payload: '01',
      value: { codec, packetType: 0, sequenceHeader: true, enhanced: true },
    },
    {
      name: `${id} keyframe with a composition time`,
      header: `91 ${fourCc(id)} fffffe`,
      payload: '00000001 26',
      value: { codec, keyframe: true, compositionOffset: ms(-2), enhanced: true },
    },
    {
      name: `${id} keyframe without one`,
      header: `93 ${fourCc(id)}`,
      payload: '00000001 26',
      value: { codec, packetType: 3, keyframe: true, enhanced: true },
    },
  ]),
  ...(
    [
      ['av01', 'av1'],
      ['vp08', 'vp8'],
      ['vp09', 'vp9'],
      ['new1', 'unknown'],
    ] as const
  ).map(([id, codec]) => ({
    name: `${id} keyframe, which has no composition time`,
    header: `91 ${fourCc(id)}`,
    payload: '0a0b0c0d',
    value: { codec, keyframe: true, enhanced: true },
  })),
  {
    name: 'enhanced inter frame',
    header: `a3 ${fourCc('hvc1')}`,
    payload: '00000001 02',
    value: { codec: 'hevc', frameType: interFrame, packetType: 3, enhanced: true },
  },
  {
    name: 'enhanced end of sequence',
    header: `92 ${fourCc('hvc1')}`,
    payload: '',
    value: { codec: 'hevc', packetType: 2, endOfSequence: true, enhanced: true },
  },
  {
    name: 'enhanced metadata, whose frame type means nothing',
    header: `d4 ${fourCc('hvc1')}`,
    payload: '020009636f6c6f72496e666f',
    value: { codec: 'hevc', frameType: command, packetType: 4, enhanced: true },
  },
  {
    name: 'AV1 sequence start as in MPEG-2 TS',
    header: `95 ${fourCc('av01')}`,
    payload: '80',
    value: { codec: 'av1', packetType: 5, sequenceHeader: true, enhanced: true },
  },
  {
    name: 'an enhanced packet type unknown here',
    header: `9f ${fourCc('avc1')}`,
    payload: '00',
    value: { codec: 'avc', packetType: 15, enhanced: true },
  },
  ...[0, 1, 2, 3].map((packetType) => ({
    name: `enhanced command of packet type ${packetType}`,
    header: `d${packetType}`,
    payload: '01',
    value: { codec: 'unknown' as const, frameType: command, packetType, enhanced: true },
  })),
  {
    name: 'a time offset before a keyframe',
    header: `97 02 01e240 01 ${fourCc('hvc1')} 000005`,
    payload: '26',
    value: { codec: 'hevc', keyframe: true, compositionOffset: ms(5), enhanced: true },
  },
  {
    name: 'two modifiers, the second of a 16-bit size',
    header: `97 00 aa 37 ff 0100 ${'bb'.repeat(257)} 00 ${fourCc('avc1')}`,
    payload: '01',
    value: { codec: 'avc', packetType: 0, sequenceHeader: true, enhanced: true },
  },
  {
    name: 'a modifier before a command',
    header: 'd7 00 aa 01',
    payload: '01',
    value: { codec: 'unknown', frameType: command, enhanced: true },
  },
  {
    name: 'one track',
    header: `96 01 ${fourCc('avc1')} 03 000005`,
    payload: '00000001 65',
    value: {
      codec: 'avc',
      keyframe: true,
      compositionOffset: ms(5),
      enhanced: true,
      multitrack: true,
      trackId: 3,
    },
  },
  {
    name: 'sequence starts of two tracks of one codec',
    header: `96 10 ${fourCc('hvc1')} 00 000002`,
    payload: '0102 01 000001 03',
    bytesAfterTrack: 5,
    value: { codec: 'hevc', packetType: 0, sequenceHeader: true, enhanced: true, multitrack: true },
  },
  {
    name: 'two tracks of two codecs',
    header: `a6 21 ${fourCc('avc1')} 01 000004 fffffb`,
    payload: `41 ${fourCc('av01')} 02 000001 03`,
    bytesAfterTrack: 9,
    value: {
      codec: 'avc',
      frameType: interFrame,
      compositionOffset: ms(-5),
      enhanced: true,
      multitrack: true,
      trackId: 1,
    },
  },
  {
    name: 'a modifier before an empty end of sequence of one of many tracks',
    header: `97 00 aa 06 12 ${fourCc('vp09')} 07 000000`,
    payload: '',
    value: {
      codec: 'vp9',
      packetType: 2,
      endOfSequence: true,
      enhanced: true,
      multitrack: true,
      trackId: 7,
    },
  },
  {
    name: 'a kind of multitrack unknown here',
    header: '96 33',
    payload: '00',
    value: { codec: 'unknown', packetType: 3, keyframe: true, enhanced: true, multitrack: true },
  },
]

describe('parseVideoTagBody', () => {
  it.each(cases)('reads $name', ({ header, payload, bytesAfterTrack = 0, value }) => {
    const body = hex(header + payload)
    expect(parseVideoTagBody(body)).toStrictEqual({
      ...defaults,
      ...value,
      dataOffset: hex(header).length,
      dataEnd: body.length - bytesAfterTrack,
    })
  })

  it.each(cases)('needs every byte of the header of $name', ({ header }) => {
    const bytes = hex(header)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseVideoTagBody(bytes.subarray(0, length))).toThrow(ProtocolError)
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
          const { dataOffset, dataEnd } = parseVideoTagBody(body)
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

  it.each([
    { name: 'passes the end of the body', body: `96 10 ${fourCc('avc1')} 00 000003 0102` },
    { name: 'is too short for its composition time', body: `96 11 ${fourCc('avc1')} 00 000002 0000 0000` },
  ])('refuses a track that $name', ({ body }) => {
    expect(() => parseVideoTagBody(hex(body))).toThrow(ProtocolError)
  })

  it('never takes a command for a picture or a header, nor a header for a keyframe', () => {
    const body = hex(`00 00 ${fourCc('avc1')} 00 000006 000000000000`)
    for (let firstTwoBytes = 0; firstTwoBytes < 0x10000; firstTwoBytes++) {
      body[0] = firstTwoBytes >> 8
      body[1] = firstTwoBytes & 0xff
      const startsWithModEx = (body[0] & 0x8f) === 0x87
      if (startsWithModEx) {
        continue
      }
      const info = parseVideoTagBody(body)
      const claims = [info.keyframe, info.sequenceHeader, info.endOfSequence].filter(Boolean)
      const noPicture = info.frameType === command && info.packetType !== VideoPacketType.metadata
      if (claims.length > (noPicture ? 0 : 1)) {
        throw new Error(`${firstTwoBytes.toString(16)}: ${JSON.stringify(info)}`)
      }
    }
  })
})
