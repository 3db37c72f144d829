export type { Mp4Edit, Mp4Edits } from './edit-list.ts'
export type { FragmentDefaults } from './fragment.ts'
export {
  MAX_MP4_BOXES_BEFORE_MOVIE,
  MAX_MP4_CHILD_BOXES,
  MAX_MP4_EDITS,
  MAX_MP4_FRAGMENT_BYTES,
  MAX_MP4_FRAGMENT_SAMPLES,
  MAX_MP4_MOVIE_BYTES,
  MAX_MP4_PREROLL_SAMPLES,
  MAX_MP4_SAMPLE_DESCRIPTIONS,
  MAX_MP4_TRACK_SAMPLES,
  MAX_MP4_TRACKS,
} from './limits.ts'
export { looksLikeMp4, type Mp4Movie, readMovie } from './movie.ts'
export { choosePlayableTracks, type PlayableMp4Track, type PlayableMp4Tracks } from './playable-tracks.ts'
export type { ByteRange, RangeReader } from './range-reader.ts'
export type {
  Mp4AudioCodec,
  Mp4AudioDescription,
  Mp4SampleDescription,
  Mp4SampleEntry,
  Mp4VideoCodec,
  Mp4VideoDescription,
} from './sample-description.ts'
export type { RawSample, SampleTable } from './sample-table.ts'
export type { Mp4Media, Mp4Track } from './track.ts'
export { type Mp4Sample, Mp4TrackReader } from './track-reader.ts'
