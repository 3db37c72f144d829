import { type Ms, ms } from '../../base/index.ts'

/** A step this long to the next frame, ms, is a hole in the stream, unless its frames are that far apart anyway. */
export const MIN_GAP_MS = 3000

/** A frame is as long as this, ms, until the next one of its kind tells better. */
const ASSUMED_FRAME_MS = 40

type Kind = 'audio' | 'video'

/** Where the frames of an uninterrupted run are on the timeline. */
export class FrameTimes {
  readonly #last: Record<Kind, number | null> = { audio: null, video: null }
  readonly #duration: Record<Kind, number> = { audio: ASSUMED_FRAME_MS, video: ASSUMED_FRAME_MS }
  /** The step that last led to a frame of the kind; over a hole, too. */
  readonly #step: Record<Kind, number> = { audio: 0, video: 0 }
  #latest: number | null = null

  /** The time of the latest frame of a kind; null before the run's first. */
  last(kind: Kind): Ms | null {
    const last = this.#last[kind]
    return last === null ? null : ms(last)
  }

  /**
   * Takes a frame.
   * @param duration how long it is, ms; null for as long as the step to it from the one before
   */
  note(kind: Kind, timestamp: Ms, duration: number | null): void {
    const last = this.#last[kind]
    if (last !== null && timestamp > last) {
      this.#step[kind] = timestamp - last
      this.#duration[kind] = this.#step[kind]
    }
    this.#duration[kind] = duration ?? this.#duration[kind]
    this.#last[kind] = timestamp
    this.#latest = Math.max(this.#latest ?? timestamp, timestamp)
  }

  /** Something is missing between the frames so far and one at `timestamp`. */
  isGap(timestamp: Ms): boolean {
    const longest = Math.max(MIN_GAP_MS, 3 * this.#step.audio, 3 * this.#step.video)
    return this.#latest !== null && timestamp - this.#latest > longest
  }

  /** Where the run's last frames end, by their likely duration; whole ms. 0 before the first frame. */
  get end(): Ms {
    const { audio, video } = this.#last
    const audioEnd = audio === null ? 0 : audio + this.#duration.audio
    const videoEnd = video === null ? 0 : video + this.#duration.video
    return ms(Math.round(Math.max(audioEnd, videoEnd)))
  }

  /** A new run begins behind a hole that ends with a frame of that kind at `timestamp`. */
  restartAfterGap(kind: Kind, timestamp: Ms): void {
    const last = this.#last[kind]
    this.#step[kind] = last === null ? 0 : timestamp - last
    this.restart()
  }

  /** A new run begins. */
  restart(): void {
    this.#last.audio = null
    this.#last.video = null
    this.#latest = null
  }
}
