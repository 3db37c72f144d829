import { describe, expect, it } from 'vitest'
import { elst, encodeMp4, fullBox, uint32, uint64 } from '../../../test/support/mp4.ts'
import { AUDIO, marks, openMp4, samplesOf, VIDEO } from '../../../test/support/mp4-samples.ts'
import { readRanges, readRangesOf } from '../../../test/support/ranges.ts'
import {
  choosePlayableTracks,
  MAX_MP4_EDITS,
  MAX_MP4_PREROLL_SAMPLES,
  type Mp4Sample,
  Mp4TrackReader,
} from './index.ts'

describe('an edit list', () => {
  it.each<[string, Uint8Array, number[], number[]]>([
    ['of the whole track', elst([240, 40]), [0, 1, 2, 3, 4, 5], [-40, 0, 40, 80, 120, 160]],
    [
      'of version 1',
      fullBox('elst', 1, 0, uint32(1), uint64(240, 40), uint32(0x10000)),
      [0, 1, 2, 3, 4, 5],
      [-40, 0],
    ],
    ['that says no duration', elst([0, 40]), [0, 1, 2, 3, 4, 5], [-40]],
    ['with an empty edit first', elst([500, -1], [240, 0]), [0, 1, 2, 3, 4, 5], [500, 540]],
    ['that begins at the second group', elst([80, 160]), [3, 4, 5], [-40, 0, 40]],
    ['that begins within the second group', elst([80, 200]), [3, 4, 5], [-80, -40, 0]],
    ['that begins within the first group', elst([80, 120]), [0, 1, 2, 3, 4], [-120]],
    ['that ends early', elst([80, 40]), [0, 1, 2], [-40]],
    ['of nothing', elst([500, -1]), [0, 1, 2, 3, 4, 5], [0]],
    ['with cuts', elst([120, 40], [80, 160]), [0, 1, 2, 3, 4, 5], [-40, 0, 40, 80, 120, 160]],
    [
      'with parts in another order',
      elst([160, 160], [120, 40]),
      [3, 4, 5, 0, 1, 2, 3],
      [-40, 0, 40, 120, 160, 200],
    ],
    ['with a gap', elst([120, 40], [500, -1], [80, 160]), [0, 1, 2, 3, 4, 5], [-40, 0, 40, 580, 620, 660]],
    ['with a cut within a group', elst([120, 40], [40, 200]), [0, 1, 2, 3, 4, 5], [-40, 0, 40, 40, 80, 120]],
    ['with a part of nothing', elst([0, 40], [80, 160]), [3, 4, 5], [-40]],
    [
      'with a cut and another speed, which is not followed',
      elst([40, 40], [40, 160, 2]),
      [0, 1, 2, 3, 4, 5],
      [-40],
    ],
    ['at another speed, which is not followed', elst([40, 40, 2]), [0, 1, 2, 3, 4, 5], [-40]],
  ])('%s is followed where it begins and ends', (_, edit, expected, times) => {
    const file = encodeMp4([{ ...VIDEO, edits: [edit] }])
    expect(marks(file)).toEqual(expected)
    const decodeTimes = samplesOf(file).map(({ decodeTimeMs }) => decodeTimeMs)
    expect(decodeTimes.slice(0, times.length)).toEqual(times)
  })

  it('is followed to MAX_MP4_EDITS parts, which are looked through one by one', () => {
    const parts = (count: number) => elst(...Array.from({ length: count }, () => [40, 160] as const))
    const file = (count: number) => encodeMp4([{ ...VIDEO, edits: [parts(count)] }])
    const times = samplesOf(file(MAX_MP4_EDITS)).map(({ decodeTimeMs }) => decodeTimeMs)
    expect(times.slice(0, 3)).toEqual([-40, 0, 40])
    // Of the last part there is also the picture that is decoded within it.
    expect(times).toHaveLength(MAX_MP4_EDITS + 1)
    expect(marks(file(MAX_MP4_EDITS + 1))).toEqual([3, 4, 5])
  })

  it('shows nothing before the cut that comes to decode what is behind it, and lets sound go on without a gap', () => {
    const pictures = samplesOf(encodeMp4([{ ...VIDEO, edits: [elst([120, 40], [40, 240])] }]))
    expect(pictures.slice(3).map(({ decodeTimeMs }) => decodeTimeMs)).toEqual([40, 40, 80])
    expect(pictures.slice(3).map(({ compositionOffsetMs }) => compositionOffsetMs)).toEqual([0, 120, 40])
    const sound = samplesOf(
      encodeMp4([{ ...AUDIO, edits: [elst([23, 2048], [23, 0], [23, 1024])] }]),
      'audio',
    )
    expect(sound.map(({ decodeTimeMs }) => decodeTimeMs)).toEqual([-23, 0, 23, 46])
  })

  it.each([
    ['at the start', 0, [0, 1, 2, 3], 0],
    ['behind the priming', 1024, [0, 1, 2, 3], -23],
    ['in the midst of a frame', 2112, [1, 2, 3], -25],
    ['behind the end', 9999, [2, 3], -180],
  ])('begins with one frame of sound to decode the next: %s', (_, start, expected, first) => {
    const file = encodeMp4([{ ...AUDIO, edits: [elst([0, start])] }])
    expect(marks(file, 'audio')).toEqual(expected.map((index) => 0x20 + index))
    expect(samplesOf(file, 'audio')[0]?.decodeTimeMs).toBe(first)
  })

  it('lets sound begin as early as pictures that are needed to decode those behind the cut', () => {
    const file = encodeMp4([{ ...AUDIO, edits: [elst([0, 3072])] }])
    const movie = openMp4(file)
    const { audio } = choosePlayableTracks(movie)
    const first = (startMs: number): Mp4Sample | null =>
      audio && readRanges(new Mp4TrackReader(movie, audio, startMs).next(), file)
    expect(first(0)?.decodeTimeMs).toBe(-23)
    expect(first(-40)?.decodeTimeMs).toBe(-70)
    expect(first(-9999)?.decodeTimeMs).toBe(-70)
  })

  it('is searched for its beginning with pauses, which others may use', () => {
    const samples = Array.from({ length: 25_000 }, () => ({ payload: [1] }))
    const file = encodeMp4([{ ...AUDIO, samples, timescale: 1000, edits: [elst([0, 24_990])] }])
    const movie = openMp4(file)
    const { audio } = choosePlayableTracks(movie)
    let pauses = 0
    const read = (offset: number, length: number): Uint8Array => {
      pauses += length === 0 ? 1 : 0
      return file.slice(offset, offset + length)
    }
    const first = audio && readRangesOf(new Mp4TrackReader(movie, audio).next(), read)
    expect(first?.decodeTimeMs).toBe(-1)
    expect(pauses).toBe(2)
  })

  it('is not searched for its beginning for ever', () => {
    const samples = Array.from({ length: MAX_MP4_PREROLL_SAMPLES + 2 }, (_, index) => ({
      payload: [1],
      sync: index === 0,
    }))
    const file = encodeMp4([{ ...VIDEO, samples, perChunk: 100, edits: [elst([0, 99_999])] }])
    expect(() => samplesOf(file)).toThrow(/MAX_MP4_PREROLL_SAMPLES/)
  })
})
