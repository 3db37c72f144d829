import type { StreamInfo } from '../answers.ts'

/** Whether a stream has audio and video; left out where a player has to look itself. */
export type ExpectedTracks = Readonly<{ hasAudio?: boolean; hasVideo?: boolean }>

/** A stream that has no audio beside so many frames of video has none; before, it may still come. */
export const SETTLED_VIDEO_FRAMES = 100

/**
 * What a player is told to expect.
 * @param source the server's entry of the stream, if it has one
 * @param soundless leaves the sound alone, unless there is nothing else: of a stream that has only just come, it is not known yet
 * whether it has a picture, and it is taken to have one
 */
export function expectTracks(source: StreamInfo | undefined, soundless: boolean): ExpectedTracks {
  const hasNoPicture = isSoundOnly(source)
  const hasNoSound = source !== undefined && source.audio === null && source.frames >= SETTLED_VIDEO_FRAMES
  return {
    ...(hasNoSound || (soundless && !hasNoPicture) ? { hasAudio: false } : {}),
    ...(hasNoPicture ? { hasVideo: false } : {}),
  }
}

/** Once its sound has a rate, which takes a second, a picture would have come, too. */
function isSoundOnly(source: StreamInfo | undefined): boolean {
  return source !== undefined && source.video === null && (source.health?.audio_kbps ?? null) !== null
}

/**
 * Whether a player leaves out something of a stream that it should play: it was made when that had not come, or was
 * not known to be all there is.
 * @param told what the player was made with
 */
export function misses(told: ExpectedTracks, source: StreamInfo | undefined, soundless: boolean): boolean {
  const now = expectTracks(source, soundless)
  const missesVideo = told.hasVideo === false && (source?.video ?? null) !== null
  const missesAudio = told.hasAudio === false && now.hasAudio !== false && (source?.audio ?? null) !== null
  return missesVideo || missesAudio
}
