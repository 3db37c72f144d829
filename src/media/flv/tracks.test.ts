import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  fourCcOf,
  hasClassicForm,
  isEnhancedTagBody,
  MAX_TRACKS,
  parseAudioTagBody,
  parseVideoTagBody,
  prefixNanosecondOffset,
  splitTracks,
  type TrackTagBody,
  toClassicTagBody,
  wrapTrack,
} from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const fourCc = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const [avc1, hvc1, av01] = [fourCc('avc1'), fourCc('hvc1'), fourCc('av01')]
const [opus, mp4a] = [fourCc('Opus'), fourCc('mp4a')]

type Kind = 'audio' | 'video'
type Split = { trackId?: number; nanosecondOffset?: number; body: string }

const cases: readonly { name: string; kind: Kind; wire: string; tracks: readonly Split[] }[] = [
  { name: 'a classic body', kind: 'video', wire: '17 01 000000 aa', tracks: [{ body: '17 01 000000 aa' }] },
  { name: 'a classic body of codec 7 as audio', kind: 'audio', wire: '77 aa', tracks: [{ body: '77 aa' }] },
  {
    name: 'a plain enhanced body',
    kind: 'video',
    wire: `91 ${av01} aa`,
    tracks: [{ body: `91 ${av01} aa` }],
  },
  { name: 'a command', kind: 'video', wire: 'd6 00', tracks: [{ body: 'd6 00' }] },
  {
    name: 'one track, the default one',
    kind: 'video',
    wire: `96 01 ${hvc1} 00 000028 aa`,
    tracks: [{ body: `91 ${hvc1} 000028 aa` }],
  },
  {
    name: 'one track of another id',
    kind: 'audio',
    wire: `95 00 ${opus} 02 aabb`,
    tracks: [{ trackId: 2, body: `90 ${opus} aabb` }],
  },
  {
    name: 'many tracks, the default one behind others',
    kind: 'video',
    wire: `a6 13 ${avc1} 02 000001 aa 00 000002 bbcc 01 000000`,
    tracks: [
      { body: `a3 ${avc1} bbcc` },
      { trackId: 2, body: `a3 ${avc1} aa` },
      { trackId: 1, body: `a3 ${avc1}` },
    ],
  },
  {
    name: 'many tracks of many codecs',
    kind: 'audio',
    wire: `95 21 ${mp4a} 00 000001 aa ${opus} 01 000001 bb`,
    tracks: [{ body: `91 ${mp4a} aa` }, { trackId: 1, body: `91 ${opus} bb` }],
  },
  {
    name: 'a nanosecond offset',
    kind: 'video',
    wire: `97 02 01e240 01 ${av01} aa`,
    tracks: [{ nanosecondOffset: 123_456, body: `91 ${av01} aa` }],
  },
  {
    name: 'a nanosecond offset before tracks',
    kind: 'audio',
    wire: `97 02 0f423f 05 11 ${opus} 00 000001 aa 01 000001 bb`,
    tracks: [
      { nanosecondOffset: 999_999, body: `91 ${opus} aa` },
      { trackId: 1, nanosecondOffset: 999_999, body: `91 ${opus} bb` },
    ],
  },
  {
    name: 'an offset too large to be one',
    kind: 'video',
    wire: `97 02 0f4240 01 ${av01} aa`,
    tracks: [{ body: `91 ${av01} aa` }],
  },
  {
    name: 'an unknown ModEx of a long size, and an offset behind it',
    kind: 'video',
    wire: `97 ff 0100 ${'00'.repeat(257)} 57 02 000001 01 ${av01} aa`,
    tracks: [{ nanosecondOffset: 1, body: `91 ${av01} aa` }],
  },
  {
    name: 'a command behind a ModEx',
    kind: 'video',
    wire: 'd7 00 00 f1 01',
    tracks: [{ body: 'd1 01' }],
  },
]

const expected = ({ trackId = 0, nanosecondOffset = 0, body }: Split): TrackTagBody => ({
  trackId,
  nanosecondOffset,
  body: hex(body),
})

describe('splitTracks', () => {
  it.each(cases)('takes apart $name', ({ kind, wire, tracks }) => {
    expect(splitTracks(kind, hex(wire))).toEqual(tracks.map(expected))
  })

  it('does not copy bodies of one plain track', () => {
    const body = hex('17 01 000000 aa')
    expect(splitTracks('video', body)[0]?.body).toBe(body)
  })

  it.each([
    ['a multitrack type of the future', 'video', `96 31 ${hvc1} 00 aa`],
    ['tracks within tracks', 'video', `96 06 ${hvc1} 00 aa`],
    ['ModEx within tracks', 'audio', `95 07 ${opus} 00 aa`],
    ['a track longer than the body', 'audio', `95 11 ${opus} 00 000002 aa`],
    ['a track cut short', 'audio', `95 11 ${opus} 00 000001 aa 01 0000`],
    ['no track', 'audio', `95 11 ${opus}`],
    ['ModEx data cut short', 'video', '97 05 0000'],
    ['no packet type behind ModEx', 'video', '97 00 00'],
  ] as const)('refuses %s', (_, kind, wire) => {
    expect(() => splitTracks(kind, hex(wire))).toThrow(ProtocolError)
  })

  it('takes MAX_TRACKS tracks and no more', () => {
    const wire = (count: number) =>
      hex(`95 11 ${opus} ${Array.from({ length: count }, (_, id) => `${byte(id)} 000001 aa`).join('')}`)
    expect(splitTracks('audio', wire(MAX_TRACKS))).toHaveLength(MAX_TRACKS)
    expect(() => splitTracks('audio', wire(MAX_TRACKS + 1))).toThrow(LimitError)
  })

  it('throws nothing but ProtocolError, and gives bodies without prefixes and tracks', () => {
    const seeds = cases.map(({ wire }) => hex(wire))
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat({ max: 255 }), fc.nat())
      .map(([seed, at, value, length]) =>
        seed.with(at % seed.length, value).subarray(0, 1 + (length % seed.length)),
      )
    fc.assert(
      fc.property(
        fc.oneof(damaged, fc.uint8Array({ maxLength: 40 })),
        fc.constantFrom<Kind>('audio', 'video'),
        (wire, kind) => {
          try {
            for (const { body, trackId, nanosecondOffset } of splitTracks(kind, wire)) {
              expect(splitTracks(kind, body)).toEqual([{ trackId: 0, nanosecondOffset: 0, body }])
              expect(trackId).toBeLessThan(256)
              expect(nanosecondOffset).toBeLessThan(1_000_000)
            }
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('wrapTrack and prefixNanosecondOffset', () => {
  it('are undone by splitTracks, whatever the track', () => {
    const anyBody = fc
      .tuple(
        fc.constantFrom('av01', 'avc1', 'Opus', 'new1'),
        fc.nat({ max: 3 }),
        fc.uint8Array({ maxLength: 20 }),
      )
      .map(([id, packetType, payload]) => ({ id, packetType, payload }))
    fc.assert(
      fc.property(
        anyBody,
        fc.nat({ max: 255 }),
        fc.nat({ max: 999_999 }),
        fc.constantFrom<Kind>('audio', 'video'),
        ({ id, packetType, payload }, trackId, nanosecondOffset, kind) => {
          const body = Uint8Array.from([0x90 + packetType, ...Buffer.from(id, 'latin1'), ...payload])
          const wrapped = wrapTrack(kind, body, trackId)
          expect(splitTracks(kind, wrapped)).toEqual([{ trackId, nanosecondOffset: 0, body }])
          expect(splitTracks(kind, prefixNanosecondOffset(wrapped, nanosecondOffset))).toEqual([
            { trackId, nanosecondOffset, body },
          ])
        },
      ),
    )
  })
})

it('wrapTrack does not make a command of metadata whose frame type is that of commands', () => {
  const [track] = splitTracks('video', wrapTrack('video', hex(`d4 ${hvc1} 02000a`), 3))
  expect(track).toEqual({ trackId: 3, nanosecondOffset: 0, body: hex(`a4 ${hvc1} 02000a`) })
})

describe('fourCcOf and isEnhancedTagBody', () => {
  it.each<[Kind, string, string | null, boolean]>([
    ['video', `91 ${hvc1} 000000`, 'hvc1', true],
    ['audio', `91 ${opus}`, 'Opus', true],
    ['video', '17 01 000000', null, false],
    ['audio', 'af 01', null, false],
    ['video', 'd1 00', null, true],
    ['video', `d4 ${hvc1}`, 'hvc1', true],
    ['video', '91 6876', null, true],
    ['video', '', null, false],
  ])('tell of %s %s that its FourCC is %s, and whether it is enhanced: %s', (kind, wire, id, enhanced) => {
    expect(fourCcOf(kind, hex(wire))).toBe(id)
    expect(isEnhancedTagBody(kind, hex(wire))).toBe(enhanced)
  })
})

describe('toClassicTagBody', () => {
  it.each<[string, Kind, string, string]>([
    ['an avcC', 'video', `90 ${avc1} 0164`, '17 00 000000 0164'],
    ['a keyframe', 'video', `91 ${avc1} 000028 aa`, '17 01 000028 aa'],
    ['an inter frame with a negative offset', 'video', `a1 ${avc1} ffffd8 aa`, '27 01 ffffd8 aa'],
    ['frames without an offset', 'video', `a3 ${avc1} aa`, '27 01 000000 aa'],
    ['the end of the sequence', 'video', `92 ${avc1}`, '17 02 000000'],
    ['an AudioSpecificConfig', 'audio', `90 ${mp4a} 1210`, 'af 00 1210'],
    ['AAC', 'audio', `91 ${mp4a} aa`, 'af 01 aa'],
    ['MP3', 'audio', `91 ${fourCc('.mp3')} fffb`, '2f fffb'],
  ])('says the same of %s', (_, kind, enhanced, classic) => {
    const body = hex(enhanced)
    expect(hasClassicForm(kind, body)).toBe(true)
    const converted = toClassicTagBody(kind, body)
    expect(converted).toEqual(hex(classic))
    const parse = kind === 'video' ? parseVideoTagBody : parseAudioTagBody
    const [before, after] = [parse(body), parse(converted)]
    expect(after.codec).toBe(before.codec)
    expect(after.sequenceHeader).toBe(before.sequenceHeader)
    expect(converted.subarray(after.dataOffset)).toEqual(body.subarray(before.dataOffset))
  })

  it.each<[string, Kind, string]>([
    ['HEVC', 'video', `91 ${hvc1} 000000 aa`],
    ['colour metadata', 'video', `94 ${avc1} 02`],
    ['an MPEG-2 TS sequence start', 'video', `95 ${avc1}`],
    ['a channel layout', 'audio', `94 ${mp4a} 01`],
    ['the end of AAC', 'audio', `92 ${mp4a}`],
    ['a start of MP3', 'audio', `90 ${fourCc('.mp3')}`],
    ['a command', 'video', 'd1 00'],
  ])('is not for %s', (_, kind, enhanced) => {
    expect(hasClassicForm(kind, hex(enhanced))).toBe(false)
  })
})

function byte(value: number): string {
  return value.toString(16).padStart(2, '0')
}
