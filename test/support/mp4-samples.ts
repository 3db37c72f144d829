import {
  choosePlayableTracks,
  type Mp4Movie,
  type Mp4Sample,
  Mp4TrackReader,
  readMovie,
} from '../../src/media/index.ts'
import { AAC_ENTRY, AVC_ENTRY, type PlainTrack } from './mp4.ts'
import { readRanges } from './ranges.ts'

/** Six pictures of 40 ms, two groups, B-frames; the payload of each tells which it is. */
export const VIDEO: PlainTrack = {
  id: 1,
  handler: 'vide',
  timescale: 1000,
  entries: [AVC_ENTRY],
  samples: [40, 120, 40, 40, 120, 40].map((composition, index) => ({
    payload: Array(index + 3).fill(index),
    duration: 40,
    composition,
    sync: index % 3 === 0,
  })),
}

/** Four frames of AAC. */
export const AUDIO: PlainTrack = {
  id: 2,
  handler: 'soun',
  timescale: 44_100,
  entries: [AAC_ENTRY],
  samples: [0, 1, 2, 3].map((index) => ({ payload: [0x20 + index, 0], duration: 1024 })),
}

/** Reads the movie of a file. */
export function openMp4(file: Uint8Array): Mp4Movie {
  return readRanges(readMovie(file.length), file)
}

/** The samples of its first track of a kind. */
export function samplesOf(
  file: Uint8Array,
  kind: 'audio' | 'video' = 'video',
  movie: Mp4Movie = openMp4(file),
): Mp4Sample[] {
  const track = choosePlayableTracks(movie)[kind]
  if (track === null) {
    return []
  }
  const reader = new Mp4TrackReader(movie, track)
  const samples: Mp4Sample[] = []
  for (;;) {
    const sample = readRanges(reader.next(), file)
    if (sample === null) {
      return samples
    }
    samples.push(sample)
  }
}

/** The first byte of each sample, which tells which it is. */
export function marks(file: Uint8Array, kind: 'audio' | 'video' = 'video'): (number | undefined)[] {
  return samplesOf(file, kind).map(({ offset }) => file[offset])
}
