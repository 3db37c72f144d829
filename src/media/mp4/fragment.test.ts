import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AAC_ENTRY,
  AVC_ENTRY,
  box,
  elst,
  encodeMp4,
  fullBox,
  type PlainTrack,
  trex,
  uint32,
  uint64,
} from '../../../test/support/mp4.ts'
import { readRanges, readRangesOf } from '../../../test/support/ranges.ts'
import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  choosePlayableTracks,
  MAX_MP4_FRAGMENT_BYTES,
  MAX_MP4_FRAGMENT_SAMPLES,
  type Mp4Sample,
  Mp4TrackReader,
  readMovie,
} from './index.ts'

const VIDEO: PlainTrack = { id: 1, handler: 'vide', entries: [AVC_ENTRY], samples: [] }
const AUDIO: PlainTrack = { id: 2, handler: 'soun', entries: [AAC_ENTRY], samples: [] }
const NON_SYNC = 0x10000
const MFHD = fullBox('mfhd', 0, 0, uint32(1))

/** The beginning of a file whose media are in fragments; without a box of media of its own. */
function beginning(changes: Partial<PlainTrack> = {}, ...defaults: readonly Uint8Array[]): Uint8Array {
  const boxes = defaults.length === 0 ? [trex(1, 40, 2, NON_SYNC), trex(2, 20, 1)] : defaults
  const file = encodeMp4([{ ...VIDEO, ...changes }, AUDIO], box('mvex', ...boxes))
  return file.subarray(0, file.length - 8)
}

function samplesOf(file: Uint8Array, kind: 'audio' | 'video' = 'video'): Mp4Sample[] {
  const movie = readRanges(readMovie(file.length), file)
  const track = choosePlayableTracks(movie)[kind]
  if (track === null) {
    throw new Error('no such track')
  }
  const reader = new Mp4TrackReader(movie, track)
  const samples: Mp4Sample[] = []
  for (let next = readRanges(reader.next(), file); next !== null; next = readRanges(reader.next(), file)) {
    samples.push(next)
  }
  return samples
}

/** In a word each: the byte that is there, where from the first one on, when, shown how much later, and whether it is a keyframe. */
function describeAll(file: Uint8Array, kind: 'audio' | 'video' = 'video'): string[] {
  return samplesOf(file, kind).map(
    ({ offset, decodeTimeMs, compositionOffsetMs, keyframe }) =>
      `${file[offset]} at ${decodeTimeMs}+${compositionOffsetMs}${keyframe ? ' key' : ''}`,
  )
}

function file(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

const tfhd = (flags: number, ...fields: readonly number[]): Uint8Array =>
  fullBox('tfhd', 0, flags, uint32(1, ...fields))
const tfdt = (ticks: number): Uint8Array => fullBox('tfdt', 1, 0, uint64(ticks))
const moof = (...trafs: readonly Uint8Array[][]): Uint8Array =>
  box('moof', MFHD, ...trafs.map((parts) => box('traf', ...parts)))

/** A fragment of two samples of two bytes each, by the defaults alone; its media follow it. */
function plainFragment(mark: number, ...more: readonly Uint8Array[]): Uint8Array {
  const make = (offset: number): Uint8Array =>
    moof([tfhd(0x20000), ...more, fullBox('trun', 0, 0x05, uint32(2, offset, 0))])
  return file(make(make(0).length + 8), box('mdat', [mark, 0, mark + 1, 0]))
}

describe('fragments', () => {
  it('follow each other, each at the time it says, or behind the one before', () => {
    const all = file(
      beginning(),
      box('sidx', uint32(0)),
      plainFragment(10, tfdt(1000)),
      plainFragment(20),
      plainFragment(30, tfdt(5000)),
      box('mfra'),
    )
    expect(describeAll(all)).toEqual([
      '10 at 1000+0 key',
      '11 at 1040+0',
      '20 at 1080+0 key',
      '21 at 1120+0',
      '30 at 5000+0 key',
      '31 at 5040+0',
    ])
  })

  it('say of each sample how long, how large, how coded and when shown', () => {
    const run = uint32(3, 100, 3, 0, 80, 50, 1, NON_SYNC, -20, 40, 2, NON_SYNC, 0)
    const make = (offset: number): Uint8Array =>
      moof([tfhd(0x20000), fullBox('trun', 1, 0xf01, run.subarray(0, 4), uint32(offset), run.subarray(4))])
    const all = file(beginning(), make(make(0).length + 8), box('mdat', [1, 1, 1, 2, 3, 3]))
    // 20 ms earlier than stated, so that nothing is shown before it is decoded.
    expect(describeAll(all)).toEqual(['1 at -20+100 key', '2 at 80+0', '3 at 130+20'])
    expect(samplesOf(all).map(({ size, durationMs }) => [size, durationMs])).toEqual([
      [3, 100],
      [1, 50],
      [2, 40],
    ])
  })

  it('have defaults of their own', () => {
    const make = (offset: number): Uint8Array =>
      moof([tfhd(0x2003a, 1, 10, 1, 0), fullBox('trun', 0, 1, uint32(3, offset))])
    const all = file(beginning(), make(make(0).length + 8), box('mdat', [7, 8, 9]))
    expect(describeAll(all)).toEqual(['7 at 0+0 key', '8 at 10+0 key', '9 at 20+0 key'])
  })

  it('may say where their media are from the beginning of the file, and go on from run to run', () => {
    const start = beginning()
    const media = box('mdat', [5, 0, 6, 0, 7, 0])
    const header = fullBox('tfhd', 0, 1, uint32(1), uint64(start.length + 8))
    const runs = [fullBox('trun', 0, 0, uint32(2)), fullBox('trun', 0, 0, uint32(1))]
    expect(describeAll(file(start, media, moof([header, ...runs])))).toEqual([
      '5 at 0+0',
      '6 at 40+0',
      '7 at 80+0',
    ])
  })

  it('have the media of one track behind those of the one before, unless they say otherwise', () => {
    const audio = [fullBox('tfhd', 0, 0, uint32(2)), fullBox('trun', 0, 0, uint32(2))]
    const make = (offset: number): Uint8Array =>
      moof([tfhd(0), fullBox('trun', 0, 1, uint32(2, offset))], audio)
    const all = file(beginning(), make(make(0).length + 8), box('mdat', [5, 0, 6, 0, 0x20, 0x21]))
    expect(describeAll(all, 'audio')).toEqual(['32 at 0+0 key', '33 at 20+0 key'])
    expect(describeAll(all)).toEqual(['5 at 0+0', '6 at 40+0'])
  })

  it('come behind the samples of the tables', () => {
    const start = encodeMp4(
      [{ ...VIDEO, samples: [{ payload: [1, 0], duration: 40, sync: true }] }],
      box('mvex', trex(1, 40, 2, NON_SYNC)),
    )
    expect(describeAll(file(start, plainFragment(10)))).toEqual([
      '1 at 0+0 key',
      '10 at 40+0 key',
      '11 at 80+0',
    ])
  })

  it('are moved by the edit list, whose duration does not count: it was written before them', () => {
    const all = file(beginning({ edits: [elst([40, 40])] }), plainFragment(10), plainFragment(20))
    expect(describeAll(all)).toEqual(['10 at -40+0 key', '11 at 0+0', '20 at 40+0 key', '21 at 80+0'])
  })

  it('are played as far as they are whole', () => {
    const whole = file(beginning(), plainFragment(10), plainFragment(20))
    const cutAt = (bytes: number): string[] => describeAll(whole.subarray(0, whole.length - bytes))
    const all = ['10 at 0+0 key', '11 at 40+0', '20 at 80+0 key', '21 at 120+0']
    expect(cutAt(0)).toEqual(all)
    expect(cutAt(1)).toEqual(all.slice(0, 3))
    expect(cutAt(4)).toEqual(all.slice(0, 2))
    expect(cutAt(20)).toEqual(all.slice(0, 2))
    expect(cutAt(plainFragment(20).length - 3)).toEqual(all.slice(0, 2))
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['a track without its header', moof([]), /'traf' at byte \d+ has no 'tfhd'/],
    [
      'a run cut short',
      moof([tfhd(0), fullBox('trun', 0, 0x100, uint32(2, 1))]),
      /'trun' at byte \d+: need 4 bytes/,
    ],
    [
      'media before the file',
      moof([tfhd(0x20000), fullBox('trun', 0, 1, uint32(1, -9999))]),
      /said to begin at byte -\d+/,
    ],
    [
      'a description that is not there',
      moof([tfhd(2, 3), fullBox('trun', 0, 0, uint32(1))]),
      /no description 3/,
    ],
  ])('are refused: %s', (_, fragment, reason) => {
    const read = () => samplesOf(file(beginning(), fragment))
    expect(read).toThrow(ProtocolError)
    expect(read).toThrow(reason)
  })

  it('have no more samples than MAX_MP4_FRAGMENT_SAMPLES', () => {
    const count = MAX_MP4_FRAGMENT_SAMPLES + 1
    const read = () => samplesOf(file(beginning(), moof([tfhd(0), fullBox('trun', 0, 0, uint32(count))])))
    expect(read).toThrow(new LimitError('MAX_MP4_FRAGMENT_SAMPLES', MAX_MP4_FRAGMENT_SAMPLES, count))
  })

  it('have no more samples of other tracks, which are passed over, either', () => {
    const other = [fullBox('tfhd', 0, 0, uint32(2)), fullBox('trun', 0, 0, uint32(MAX_MP4_FRAGMENT_SAMPLES))]
    const own = [tfhd(0), fullBox('trun', 0, 0x01, uint32(1, 0))]
    expect(samplesOf(file(beginning(), moof(own, other)))).toHaveLength(1)
    expect(() => samplesOf(file(beginning(), moof(own, other, other)))).toThrow(/MAX_MP4_FRAGMENT_SAMPLES/)
  })

  it('have no more bytes than MAX_MP4_FRAGMENT_BYTES', () => {
    const start = beginning()
    const size = MAX_MP4_FRAGMENT_BYTES + 1
    const fileBytes = start.length + size
    const all = file(start, uint32(size), Buffer.from('moof'))
    const read = (offset: number, length: number): Uint8Array => all.subarray(offset, offset + length)
    const movie = readRangesOf(readMovie(fileBytes), read)
    const { video } = choosePlayableTracks(movie)
    expect(video).not.toBeNull()
    const reader = video === null ? null : new Mp4TrackReader(movie, video)
    expect(() => reader && readRangesOf(reader.next(), read)).toThrow(
      new LimitError('MAX_MP4_FRAGMENT_BYTES', MAX_MP4_FRAGMENT_BYTES, size),
    )
  })
})

describe('readers of MP4', () => {
  const movies = [
    file(beginning(), plainFragment(10, tfdt(5)), plainFragment(20)),
    encodeMp4([
      {
        ...VIDEO,
        samples: [0, 1, 2].map((index) => ({ payload: [index], composition: -index, sync: index === 0 })),
      },
      { ...AUDIO, samples: [0, 1, 2].map((index) => ({ payload: [index] })), edits: [elst([3, 1])] },
    ]),
  ]

  it('throw nothing but ProtocolError, whatever is changed in a file', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 255))), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(fc.constantFrom(...movies), changes, fc.nat(), (original, edits, cut) => {
        const changed = Uint8Array.from(
          original.subarray(0, cut % 3 === 0 ? cut % original.length : original.length),
        )
        for (const [at, value] of edits) {
          changed[at % Math.max(changed.length, 1)] = value
        }
        try {
          const movie = readRanges(readMovie(changed.length), changed)
          for (const { id, media } of movie.tracks) {
            if (media !== null) {
              const reader = new Mp4TrackReader(movie, { id, media })
              for (let count = 0; count < 100 && readRanges(reader.next(), changed) !== null; count++) {}
            }
          }
          choosePlayableTracks(movie)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
