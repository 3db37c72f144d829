import { describe, expect, it } from 'vitest'
import {
  AVC_ENTRY,
  box,
  encodeMovie,
  encodeMp4,
  fullBox,
  type PlainTrack,
  uint32,
  uint64,
} from '../../../test/support/mp4.ts'
import { AUDIO, marks, openMp4, samplesOf, VIDEO } from '../../../test/support/mp4-samples.ts'
import { readRangesOf } from '../../../test/support/ranges.ts'
import { LimitError, ProtocolError } from '../../base/index.ts'
import { type Box, findChild } from './box.ts'
import {
  choosePlayableTracks,
  looksLikeMp4,
  MAX_MP4_BOXES_BEFORE_MOVIE,
  MAX_MP4_CHILD_BOXES,
  MAX_MP4_MOVIE_BYTES,
  MAX_MP4_SAMPLE_DESCRIPTIONS,
  MAX_MP4_TRACK_SAMPLES,
  MAX_MP4_TRACKS,
  readMovie,
} from './index.ts'

describe('a movie', () => {
  it('gives the samples of its tracks with place, time and kind', () => {
    const file = encodeMp4([VIDEO, AUDIO])
    const samples = samplesOf(file)
    expect(marks(file)).toEqual([0, 1, 2, 3, 4, 5])
    expect(samples.map(({ size }) => size)).toEqual([3, 4, 5, 6, 7, 8])
    expect(samples.map(({ decodeTimeMs }) => decodeTimeMs)).toEqual([0, 40, 80, 120, 160, 200])
    expect(samples.map(({ compositionOffsetMs }) => compositionOffsetMs)).toEqual([40, 120, 40, 40, 120, 40])
    expect(samples.map(({ keyframe }) => keyframe)).toEqual([true, false, false, true, false, false])
    expect(samples[0]?.description).toMatchObject({ kind: 'video', codec: 'avc', width: 160, height: 90 })
    expect(new Set(samples.map(({ description }) => description)).size).toBe(1)
    expect(marks(file, 'audio')).toEqual([0x20, 0x21, 0x22, 0x23])
    expect(samplesOf(file, 'audio').map(({ decodeTimeMs }) => decodeTimeMs)).toEqual([0, 23, 46, 70])
    expect(samplesOf(file, 'audio')[0]).toMatchObject({
      keyframe: true,
      durationMs: (1024 * 1000) / 44_100,
      description: {
        codec: 'aac',
        sampleRate: 44_100,
        channelCount: 2,
        configuration: Buffer.from([0x12, 0x10]),
      },
    })
  })

  it.each<[string, Partial<PlainTrack>]>([
    ['offsets of 64 bits', { wide: true }],
    ['sizes of 4 bits', { compactSizeBits: 4 }],
    ['sizes of 8 bits', { compactSizeBits: 8 }],
    ['sizes of 16 bits', { compactSizeBits: 16 }],
    ['headers of version 1', { version: 1 }],
    ['chunks of one sample', { perChunk: 1 }],
    ['chunks that differ', { perChunk: 4 }],
    ['one chunk', { perChunk: 6 }],
  ])('is the same with %s', (_, changes) => {
    const file = encodeMp4([{ ...VIDEO, ...changes }])
    const { length } = encodeMp4([VIDEO])
    const moved = samplesOf(encodeMp4([VIDEO])).map((sample) => ({
      ...sample,
      offset: sample.offset + file.length - length,
    }))
    expect(samplesOf(file)).toEqual(moved)
  })

  it('may have its tables behind the media, and boxes that nobody knows', () => {
    const before = Buffer.concat([
      box('ftyp', Buffer.from('qt  ')),
      box('wide'),
      box('uuid', new Uint8Array(40)),
    ])
    const { moov, media } = encodeMovie([VIDEO], before.length + 8)
    const file = Buffer.concat([before, box('mdat', media), box('free', [1, 2]), moov])
    expect(marks(file)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('may have more than four gigabytes, of which only the tables are asked for', () => {
    const mediaBytes = 5 * 2 ** 30
    const ftyp = box('ftyp', Buffer.from('isom'), uint32(0))
    const start = Buffer.concat([ftyp, uint32(1), Buffer.from('mdat'), uint64(16 + mediaBytes)])
    // The media are at the end of theirs.
    const { moov, media } = encodeMovie([{ ...VIDEO, wide: true }], start.length + mediaBytes - 33)
    expect(media).toHaveLength(33)
    const moovOffset = start.length + mediaBytes
    let askedBytes = 0
    const movie = readRangesOf(readMovie(moovOffset + moov.length), (offset, length) => {
      askedBytes += length
      return offset >= moovOffset
        ? moov.subarray(offset - moovOffset, offset - moovOffset + length)
        : start.subarray(offset, offset + length)
    })
    const [first] = samplesOf(new Uint8Array(0), 'video', movie)
    expect(first).toMatchObject({ offset: moovOffset - 33, size: 3 })
    expect(askedBytes).toBeLessThan(moov.length + 100)
  })

  it('takes samples of one size for what they are', () => {
    const stsz = fullBox('stsz', 0, 0, uint32(2, 4))
    expect(marks(encodeMp4([{ ...AUDIO, tables: { stsz } }]), 'audio')).toEqual([0x20, 0x21, 0x22, 0x23])
  })

  it('decodes earlier what its negative offsets ask for, so that nothing is shown before it is decoded', () => {
    const samples = VIDEO.samples.map((sample) => ({
      ...sample,
      composition: (sample.composition ?? 0) - 80,
    }))
    const times = samplesOf(encodeMp4([{ ...VIDEO, samples }]))
    expect(times.map(({ decodeTimeMs }) => decodeTimeMs)).toEqual([-40, 0, 40, 80, 120, 160])
    expect(times.map(({ compositionOffsetMs }) => compositionOffsetMs)).toEqual([0, 80, 0, 0, 80, 0])
  })

  it('changes its sample description where its chunks do', () => {
    const other = Buffer.from(AVC_ENTRY)
    other[8 + 24 + 1] = 80
    const stsc = fullBox('stsc', 0, 0, uint32(2), uint32(1, 2, 1, 2, 2, 2))
    const samples = samplesOf(encodeMp4([{ ...VIDEO, entries: [AVC_ENTRY, other], tables: { stsc } }]))
    expect(samples.map(({ description }) => description.kind === 'video' && description.width)).toEqual([
      160, 160, 80, 80, 80, 80,
    ])
  })

  it('takes a clock that stepped back for one that stood still', () => {
    const samples = VIDEO.samples.map((sample, index) => ({ ...sample, duration: index === 1 ? -500 : 40 }))
    const times = samplesOf(encodeMp4([{ ...VIDEO, samples }])).map(({ decodeTimeMs }) => decodeTimeMs)
    expect(times).toEqual([0, 40, 41, 81, 121, 161])
  })
})

describe('a movie that cannot be read', () => {
  const whole = encodeMp4([VIDEO, AUDIO])

  it.each<[string, Uint8Array, RegExp]>([
    ['has nothing', new Uint8Array(0), /no 'moov' in 0 bytes/],
    [
      'has no movie',
      box('ftyp', uint32(1)),
      /no 'moov' in 12 bytes: it was not recorded to its end, or is cut short/,
    ],
    [
      'ends within its movie',
      whole.subarray(0, 200),
      /'moov' at byte 16 .* the file ends at byte 200: it is cut short/,
    ],
    [
      'ends within its media, before the movie',
      box('mdat', new Uint8Array(99)).subarray(0, 50),
      /'mdat' at byte 0 says that it has 107 bytes/,
    ],
    [
      'has a box shorter than its header',
      Buffer.concat([uint32(7), Buffer.from('free'), uint32(0)]),
      /'free' at byte 0 says that it has 7 bytes/,
    ],
    ['has only fragments', box('moof', uint32(0)), /fragment at byte 0 comes before any 'moov'/],
    ['has an empty movie', box('moov'), /'moov' at byte 0 has no 'mvhd'/],
    [
      'has a box that is longer than the movie',
      box('moov', uint32(99), Buffer.from('mvhd')),
      /'mvhd' at byte 8 has 99 bytes, and 8 are left/,
    ],
    [
      'is too large a number',
      Buffer.concat([uint32(1), Buffer.from('mdat'), uint32(0x400000, 0)]),
      /too large/,
    ],
  ])('%s', (_, file, reason) => {
    expect(() => openMp4(file)).toThrow(ProtocolError)
    expect(() => openMp4(file)).toThrow(reason)
  })

  it('is refused where its media are cut off', () => {
    const short = whole.subarray(0, whole.length - 5)
    const choose = () => choosePlayableTracks(openMp4(short))
    expect(choose).toThrow(ProtocolError)
    expect(choose).toThrow(/track 2 has samples at byte \d+, and the file ends at byte \d+: it is cut short/)
  })

  it.each<[string, Partial<PlainTrack>, RegExp]>([
    [
      'too few durations',
      { tables: { stts: fullBox('stts', 0, 0, uint32(1, 2, 40)) } },
      /there are durations for 2 of 6 samples/,
    ],
    [
      'too few chunks',
      { tables: { stco: fullBox('stco', 0, 0, uint32(1, 400)) } },
      /there are chunks for 2 of 6 samples/,
    ],
    [
      'no chunk that says its samples',
      { tables: { stsc: fullBox('stsc', 0, 0, uint32(0)) } },
      /there are chunks for 0 of 6/,
    ],
    [
      'a chunk of a description that is not there',
      { tables: { stsc: fullBox('stsc', 0, 0, uint32(1, 1, 2, 9)) } },
      /no description 9/,
    ],
  ])('has a track with %s', (_, changes, reason) => {
    const file = encodeMp4([{ ...VIDEO, ...changes }])
    expect(() => samplesOf(file)).toThrow(ProtocolError)
    expect(() => samplesOf(file)).toThrow(reason)
  })

  it('has samples beyond its end', () => {
    const file = encodeMp4([{ ...VIDEO, perChunk: 6 }])
    const short = file.subarray(0, file.length - 5)
    const movie = { ...openMp4(file), fileBytes: short.length }
    expect(() => samplesOf(short, 'video', movie)).toThrow(
      new ProtocolError(
        `a sample of track 1 is at bytes ${file.length - 8} to ${file.length}, and the file ends at byte ${file.length - 5}: it is cut short`,
      ),
    )
  })
})

describe('limits of a movie', () => {
  it('are its bytes', () => {
    const header = Buffer.concat([uint32(1), Buffer.from('moov'), uint64(MAX_MP4_MOVIE_BYTES + 17)])
    const read = () => readRangesOf(readMovie(2 ** 40), () => header)
    expect(read).toThrow(new LimitError('MAX_MP4_MOVIE_BYTES', MAX_MP4_MOVIE_BYTES, MAX_MP4_MOVIE_BYTES + 1))
  })

  it('are the boxes before it', () => {
    const read = () => readRangesOf(readMovie(2 ** 40), () => box('free'))
    expect(read).toThrow(
      new LimitError(
        'MAX_MP4_BOXES_BEFORE_MOVIE',
        MAX_MP4_BOXES_BEFORE_MOVIE,
        MAX_MP4_BOXES_BEFORE_MOVIE + 1,
      ),
    )
  })

  it('are its tracks', () => {
    const traks = Array.from({ length: MAX_MP4_TRACKS }, () => box('trak'))
    expect(openMp4(encodeMp4([], ...traks)).tracks).toHaveLength(MAX_MP4_TRACKS)
    expect(() => openMp4(encodeMp4([VIDEO], ...traks))).toThrow(
      new LimitError('MAX_MP4_TRACKS', MAX_MP4_TRACKS, MAX_MP4_TRACKS + 1),
    )
  })

  it('are the boxes within another one', () => {
    const boxes = (count: number): Uint8Array =>
      box('udta', ...Array.from({ length: count }, () => box('free')))
    const read = (udta: Uint8Array): Box | null =>
      findChild({ type: 'udta', offset: 0, payloadOffset: 8, payload: udta.subarray(8) }, 'moov')
    expect(read(boxes(MAX_MP4_CHILD_BOXES))).toBeNull()
    expect(() => read(boxes(MAX_MP4_CHILD_BOXES + 1))).toThrow(
      new LimitError('MAX_MP4_CHILD_BOXES', MAX_MP4_CHILD_BOXES, MAX_MP4_CHILD_BOXES + 1),
    )
  })

  it('are the ways in which a track is coded', () => {
    const entries = Array.from({ length: MAX_MP4_SAMPLE_DESCRIPTIONS }, () => AVC_ENTRY)
    expect(openMp4(encodeMp4([{ ...VIDEO, entries }])).tracks[0]?.media?.entries).toHaveLength(entries.length)
    expect(() => openMp4(encodeMp4([{ ...VIDEO, entries: [...entries, AVC_ENTRY] }]))).toThrow(
      new LimitError('MAX_MP4_SAMPLE_DESCRIPTIONS', entries.length, entries.length + 1),
    )
  })

  it('are the samples of a track', () => {
    const stsz = fullBox('stsz', 0, 0, uint32(1, MAX_MP4_TRACK_SAMPLES + 1))
    expect(() => openMp4(encodeMp4([{ ...VIDEO, tables: { stsz } }]))).toThrow(
      new LimitError('MAX_MP4_TRACK_SAMPLES', MAX_MP4_TRACK_SAMPLES, MAX_MP4_TRACK_SAMPLES + 1),
    )
  })
})

describe('looksLikeMp4', () => {
  it.each([
    [box('ftyp', uint32(0)), true],
    [box('moov'), true],
    [Buffer.concat([uint32(1), Buffer.from('mdat')]), true],
    [Buffer.from('FLV\x01\x05\0\0\0'), false],
    [Buffer.from('MP4 or something'), false],
    [new Uint8Array(0), false],
  ])('knows the first box of one', (start, expected) => {
    expect(looksLikeMp4(start)).toBe(expected)
  })
})
