import { describe, expect, it } from 'vitest'
import {
  AAC_CONFIG,
  AAC_ENTRY,
  AVC_ENTRY,
  audioEntry,
  box,
  elst,
  encodeMp4,
  esds,
  fullBox,
  type PlainTrack,
  uint32,
  videoEntry,
} from '../../../test/support/mp4.ts'
import { readRanges } from '../../../test/support/ranges.ts'
import { ProtocolError } from '../../base/index.ts'
import { choosePlayableTracks, type PlayableMp4Tracks, readMovie } from './index.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const samples = [{ payload: [1], sync: true }]

function choose(...tracks: readonly PlainTrack[]): PlayableMp4Tracks {
  const file = encodeMp4(tracks)
  return choosePlayableTracks(readRanges(readMovie(file.length), file))
}

function videoTrack(entry: Uint8Array, changes: Partial<PlainTrack> = {}): PlainTrack {
  return { id: 1, handler: 'vide', entries: [entry], samples, ...changes }
}

function audioTrack(entry: Uint8Array, changes: Partial<PlainTrack> = {}): PlainTrack {
  return { id: 2, handler: 'soun', entries: [entry], samples, ...changes }
}

/** A sound description of QuickTime, whose boxes lie within another one. */
function quickTimeEntry(version: number, moreBytes: number): Uint8Array {
  const start = [...uint32(0, 0x1), 0, version, ...new Uint8Array(6), 0, 2, 0, 16, 0, 0, 0, 0]
  const wave = box('wave', box('frma', Buffer.from('mp4a')), esds(0x40, AAC_CONFIG), uint32(0))
  return box('mp4a', start, uint32(48_000 * 0x10000), new Uint8Array(moreBytes), wave)
}

const DOPS = hex('00 02 0138 0000bb80 fffe 00')
const OPUS_HEAD = hex(`${Buffer.from('OpusHead').toString('hex')} 01 02 3801 80bb0000 feff 00`)
const STREAM_INFO = hex('80000022 1000100000000000000000ac442f00000000')

describe('a sample description', () => {
  it.each([
    ['avc1', 'avcC', 'avc'],
    ['avc3', 'avcC', 'avc'],
    ['hvc1', 'hvcC', 'hevc'],
    ['hev1', 'hvcC', 'hevc'],
    ['av01', 'av1C', 'av1'],
    ['vp09', 'vpcC', 'vp9'],
  ])('of %s has the payload of %s as its configuration', (format, type, codec) => {
    const entry = videoEntry(format, box('pasp', uint32(1, 1)), box(type, [1, 2, 3]))
    const { video } = choose(videoTrack(entry))
    expect(video?.media.description).toEqual({
      kind: 'video',
      codec,
      configuration: Buffer.from([1, 2, 3]),
      width: 160,
      height: 90,
    })
  })

  it.each<[string, Uint8Array, string, readonly number[] | Uint8Array]>([
    ['AAC', AAC_ENTRY, 'aac', AAC_CONFIG],
    ['AAC of MPEG-2', audioEntry('mp4a', esds(0x67, AAC_CONFIG)), 'aac', AAC_CONFIG],
    ['AAC of QuickTime, version 1', quickTimeEntry(1, 16), 'aac', AAC_CONFIG],
    ['AAC of QuickTime, version 2', quickTimeEntry(2, 36), 'aac', AAC_CONFIG],
    ['MP3 of MPEG-1', audioEntry('mp4a', esds(0x6b, [])), 'mp3', []],
    ['MP3 of MPEG-2', audioEntry('mp4a', esds(0x69, [])), 'mp3', []],
    ['MP3 of QuickTime', audioEntry('.mp3'), 'mp3', []],
    ['Opus', audioEntry('Opus', box('dOps', DOPS)), 'opus', OPUS_HEAD],
    [
      'FLAC',
      audioEntry('fLaC', fullBox('dfLa', 0, 0, STREAM_INFO)),
      'flac',
      [...Buffer.from('fLaC'), ...STREAM_INFO],
    ],
    ['AC-3', audioEntry('ac-3', box('dac3', [0, 0, 0])), 'ac3', []],
    ['E-AC-3', audioEntry('ec-3', box('dec3', [0, 0])), 'eac3', []],
  ])('of %s has what its decoder needs', (_, entry, codec, configuration) => {
    const { description } = choose(audioTrack(entry)).audio?.media ?? {}
    expect(description).toMatchObject({ kind: 'audio', codec, channelCount: 2 })
    expect([...(description?.configuration ?? [])]).toEqual([...configuration])
  })

  it('reads descriptors with dependencies, a URL and a clock reference', () => {
    const config = [5, 2, ...AAC_CONFIG]
    const decoder = [4, 15, 0x40, ...new Uint8Array(12).slice(0, 12), ...config].map(Number)
    decoder[1] = decoder.length - 2
    const stream = [0, 1, 0xe0, 0, 9, 3, 0x61, 0x62, 0x63, 0, 7, ...decoder]
    const entry = audioEntry('mp4a', fullBox('esds', 0, 0, [3, stream.length, ...stream]))
    expect([...(choose(audioTrack(entry)).audio?.media.description.configuration ?? [])]).toEqual(AAC_CONFIG)
  })

  it.each<[string, PlainTrack, RegExp]>([
    [
      'MPEG-4 Visual',
      videoTrack(videoEntry('mp4v', box('esds'))),
      /track 1 \(vide\) is left out: .*: mp4v \(MPEG-4 Visual\) is not supported\. FFmpeg makes/,
    ],
    ['an encrypted one', videoTrack(videoEntry('encv')), /encv is encrypted/],
    ['H.264 without avcC', videoTrack(videoEntry('avc1')), /there is no 'avcC'/],
    ['ProRes', videoTrack(videoEntry('apcn')), /apcn \(ProRes\) is not supported/],
    ['what nobody knows', videoTrack(videoEntry('zzzz')), /zzzz is not supported/],
    ['Vorbis', audioTrack(audioEntry('mp4a', esds(0xdd, [1]))), /mp4a of object type 0xdd is not supported/],
    [
      'AAC without its configuration',
      audioTrack(audioEntry('mp4a', esds(0x40, []))),
      /AAC without an AudioSpecificConfig/,
    ],
    ['AAC without esds', audioTrack(audioEntry('mp4a')), /there is no 'esds'/],
    [
      'an esds of nothing',
      audioTrack(audioEntry('mp4a', fullBox('esds', 0, 0))),
      /'esds' at byte \d+: there is no descriptor of tag 3/,
    ],
    [
      'an esds cut short',
      audioTrack(audioEntry('mp4a', fullBox('esds', 0, 0, [3, 4, 0, 1, 0x80, 0]))),
      /'esds' at byte \d+: need 2 bytes/,
    ],
    ['one cut short', videoTrack(box('avc1', [0, 0])), /'avc1' at byte \d+: need/],
    [
      'none',
      { id: 7, handler: 'vide', entries: [], samples },
      /track 7 \(vide\) is left out: it does not say how it is coded/,
    ],
    [
      'text',
      { id: 8, handler: 'text', entries: [], samples },
      /track 8 \(text\) is left out: it is neither audio nor video/,
    ],
    ['a timescale of 0', videoTrack(AVC_ENTRY, { timescale: 0 }), /its timescale is 0/],
    ['no sizes', videoTrack(AVC_ENTRY, { tables: { stsz: null } }), /'stbl' at byte \d+ has no 'stsz'/],
    [
      'sizes cut short',
      videoTrack(AVC_ENTRY, { tables: { stsz: fullBox('stsz', 0, 0, uint32(0, 9)) } }),
      /'stsz' at byte \d+: need 36 bytes/,
    ],
    [
      'sizes of 5 bits',
      videoTrack(AVC_ENTRY, { tables: { stsz: null, stz2: fullBox('stz2', 0, 0, uint32(5, 0)) } }),
      /field_size is 5/,
    ],
  ])('of a track that cannot be played says why: %s', (_, track, reason) => {
    expect(() => choose(track)).toThrow(ProtocolError)
    expect(() => choose(track)).toThrow(/^no track can be played: /)
    expect(() => choose(track)).toThrow(reason)
  })
})

describe('of several tracks', () => {
  it('the first video and the first audio that can be played are chosen, and others named', () => {
    const { video, audio, warnings } = choose(
      videoTrack(videoEntry('mp4v')),
      audioTrack(audioEntry('sowt'), { id: 2 }),
      videoTrack(AVC_ENTRY, { id: 3 }),
      audioTrack(AAC_ENTRY, { id: 4 }),
      audioTrack(AAC_ENTRY, { id: 5 }),
      { id: 6, handler: 'tmcd', entries: [], samples: [] },
    )
    expect([video?.id, audio?.id]).toEqual([3, 4])
    expect(warnings).toEqual([
      expect.stringMatching(/^track 1 \(vide\) is left out: .*mp4v \(MPEG-4 Visual\) is not supported$/),
      expect.stringMatching(/^track 2 \(soun\) is left out: .*sowt \(PCM\) is not supported$/),
      'track 5 (mp4a) is left out: it is not the first of its kind',
      'track 6 (tmcd) is left out: it is neither audio nor video',
    ])
  })

  it('one without samples is passed over', () => {
    const { video } = choose(videoTrack(AVC_ENTRY, { samples: [] }), videoTrack(AVC_ENTRY, { id: 3 }))
    expect(video?.id).toBe(3)
  })

  it('edits that are not followed are said', () => {
    const { warnings } = choose(videoTrack(AVC_ENTRY, { edits: [elst([1, 0, 2])] }))
    expect(warnings).toEqual(['the edits of track 1 are not followed: it is played from the first one on'])
  })

  it('none is a fault', () => {
    expect(() => choose()).toThrow(new ProtocolError('it has no track'))
  })
})
