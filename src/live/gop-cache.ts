import { beginsGop, type Frame, isConfiguration } from './frame.ts'
import { PackedFrames } from './packed-frames.ts'

/** Frames kept at most; a publisher that sends no keyframe for so long has no GOP worth keeping. SRS: gop_cache_max_frames. */
export const DEFAULT_GOP_CACHE_MAX_FRAMES = 2500

/** Bytes of frame bodies kept at most. */
export const DEFAULT_GOP_CACHE_MAX_BYTES: number = 32 * 1024 * 1024

/** Audio frames without any video after which a stream counts as audio only: players then begin without a picture. */
export const AUDIO_FRAMES_WITHOUT_VIDEO = 115

/**
 * The frames of all tracks since the newest keyframe of the default one, so that who comes now has a picture now. Sequence
 * headers and metadata are not part of it; audio counts once there is a keyframe.
 */
export class GopCache {
  #maxFrames: number
  readonly #maxBytes: number
  readonly #frames = new PackedFrames()
  #bytes = 0
  #audioSinceVideo = 0

  /** @param maxFrames frames kept at most; 0 for any number @param maxBytes bytes of bodies kept at most */
  constructor(
    maxFrames: number = DEFAULT_GOP_CACHE_MAX_FRAMES,
    maxBytes: number = DEFAULT_GOP_CACHE_MAX_BYTES,
  ) {
    this.#maxFrames = maxFrames
    this.#maxBytes = maxBytes
  }

  /** Frames kept at most; 0 for any number. Looked at with the next frame. */
  set maxFrames(maxFrames: number) {
    this.#maxFrames = maxFrames
  }

  /** The frames kept, oldest first; the first is a keyframe. New objects each time. */
  get frames(): readonly Frame[] {
    return this.#frames.list
  }

  /** What the body of the oldest frame is in; null if none is kept. */
  get oldestBuffer(): ArrayBufferLike | null {
    return this.#frames.oldestBuffer
  }

  /** Takes the next frame of the stream. */
  push(frame: Frame): void {
    if (isConfiguration(frame) || frame.kind === 'data') {
      return
    }
    if (frame.kind === 'video') {
      this.#audioSinceVideo = 0
      if (beginsGop(frame)) {
        this.clear()
      }
    } else if (frame.trackId === 0) {
      this.#audioSinceVideo++
    }
    if (this.#frames.length === 0 && !beginsGop(frame)) {
      return
    }
    this.#frames.push(frame)
    this.#bytes += frame.body.length
    const tooMany = this.#maxFrames > 0 && this.#frames.length > this.#maxFrames
    const tooLong = tooMany || this.#bytes > this.#maxBytes
    if (tooLong || this.#audioSinceVideo > AUDIO_FRAMES_WITHOUT_VIDEO) {
      this.clear()
    }
  }

  /** Lets go of everything; the cache starts again at the next keyframe. */
  clear(): void {
    this.#frames.clear()
    this.#bytes = 0
    this.#audioSinceVideo = 0
  }
}
