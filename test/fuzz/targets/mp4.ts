import { choosePlayableTracks, looksLikeMp4, Mp4TrackReader, readMovie } from '../../../src/media/index.ts'
import { readRanges } from '../../support/ranges.ts'
import { mp4File } from '../generators/mp4.ts'
import { attempt, Finding, kindOf, type Target } from '../lib/target.ts'
import { parser } from './parsers.ts'

/** Samples of a track that are looked at. */
const MAX_SAMPLES = 1000

/** MP4 files: somebody may have sent them. */
export const mp4Target: Target = parser('mp4', mp4File, (input) => {
  const movie = readRanges(readMovie(input.length), input)
  const chosen = attempt(() => choosePlayableTracks(movie))
  const tracks = movie.tracks.flatMap(({ id, media }) => (media === null ? [] : [{ id, media }]))
  const kinds = tracks.map((track) => {
    const { value, refusal } = attempt(() => countSamples(input, new Mp4TrackReader(movie, track)))
    return refusal === null ? `${track.media.description.codec} ${Math.min(value, 5)}` : kindOf(refusal)
  })
  const outcome = chosen.refusal === null ? chosen.value.warnings.length : kindOf(chosen.refusal)
  return `${looksLikeMp4(input)} ${outcome} ${kinds}`
})

function countSamples(input: Uint8Array, reader: Mp4TrackReader): number {
  for (let count = 0; count < MAX_SAMPLES; count++) {
    const sample = readRanges(reader.next(), input)
    if (sample === null) {
      return count
    }
    const { offset, size, decodeTimeMs, compositionOffsetMs, durationMs } = sample
    if (offset < 0 || offset + size > input.length) {
      throw new Finding(`a sample from ${offset} of ${size} bytes in ${input.length} bytes`)
    }
    if (![decodeTimeMs, compositionOffsetMs].every(Number.isSafeInteger) || !(durationMs >= 0)) {
      throw new Finding(`times ${decodeTimeMs}, ${compositionOffsetMs}, ${durationMs}`)
    }
  }
  return MAX_SAMPLES
}
