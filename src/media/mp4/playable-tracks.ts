import { ProtocolError } from '../../base/index.ts'
import type { Mp4Movie } from './movie.ts'
import type { Mp4Media, Mp4Track } from './track.ts'

/** A track that can be played. */
export type PlayableMp4Track = Readonly<{
  /** track_ID */
  id: number
  /** What it has. */
  media: Mp4Media
}>

/** What is played of a movie. */
export type PlayableMp4Tracks = Readonly<{
  /** The first video; null if there is none. */
  video: PlayableMp4Track | null
  /** The first audio; null if there is none. */
  audio: PlayableMp4Track | null
  /** What is not played, and why: a sentence each. */
  warnings: readonly string[]
}>

/**
 * Chooses the first video and the first audio that can be played.
 * @throws ProtocolError if there is neither, with what there is; or if their tables point beyond the end of the file
 */
export function choosePlayableTracks(movie: Mp4Movie): PlayableMp4Tracks {
  const video = firstOf(movie, 'video')
  const audio = firstOf(movie, 'audio')
  const warnings = movie.tracks
    .filter(({ id }) => id !== video?.id && id !== audio?.id)
    .map((track) => `${describe(track)} is left out: ${track.problem || 'it is not the first of its kind'}`)
  if (video === null && audio === null) {
    throw new ProtocolError(
      warnings.length === 0
        ? 'it has no track'
        : `no track can be played: ${warnings.join('; ')}. FFmpeg makes H.264 and AAC of most: ffmpeg -i FILE -c:v libx264 -c:a aac NEW.mp4`,
    )
  }
  for (const track of [video, audio]) {
    if (track === null) {
      continue
    }
    const { lastChunkOffset } = track.media.table
    if (lastChunkOffset >= movie.fileBytes && lastChunkOffset > 0) {
      throw new ProtocolError(
        `track ${track.id} has samples at byte ${lastChunkOffset}, and the file ends at byte ${movie.fileBytes}: it is cut short`,
      )
    }
    const { parts, simplified } = track.media.edits
    if (simplified || (parts.length > 1 && movie.fragmentsOffset !== null)) {
      warnings.push(`the edits of track ${track.id} are not followed: it is played from the first one on`)
    }
  }
  return { video, audio, warnings }
}

function firstOf({ tracks, fragmentsOffset }: Mp4Movie, kind: 'audio' | 'video'): PlayableMp4Track | null {
  for (const { id, media } of tracks) {
    if (media?.kind === kind && (media.table.count > 0 || fragmentsOffset !== null)) {
      return { id, media }
    }
  }
  return null
}

function describe({ id, handler, media }: Mp4Track): string {
  return `track ${id} (${media?.entries[0]?.format ?? handler})`
}
