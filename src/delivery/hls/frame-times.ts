import { type Ms, ms } from '../../base/index.ts'

/** A step this long between neighbouring frames, ms, is a hole in the stream, unless it is how the stream goes. */
export const MIN_GAP_MS = 3000

/** A frame is as long as this, ms, until the next one of its kind tells better. */
const ASSUMED_FRAME_MS = 40

/** Where the frames of an uninterrupted run are on the timeline. */
export class FrameTimes {
  readonly #last: { audio: number | null; video: number | null } = { audio: null, video: null }
  readonly #step: { audio: number; video: number } = { audio: ASSUMED_FRAME_MS, video: ASSUMED_FRAME_MS }
  #latest: number | null = null

  /** The latest time of any frame; null before the first. */
  get latest(): Ms | null {
    return this.#latest === null ? null : ms(this.#latest)
  }

  /** The time of the latest frame of a kind; null before the first. */
  last(kind: 'audio' | 'video'): Ms | null {
    const last = this.#last[kind]
    return last === null ? null : ms(last)
  }

  /** Takes a frame. @param duration how long it is, ms; null for as long as the step to it from the one before */
  note(kind: 'audio' | 'video', timestamp: Ms, duration: number | null): void {
    const last = this.#last[kind]
    if (duration !== null) {
      this.#step[kind] = duration
    } else if (last !== null && timestamp > last) {
      this.#step[kind] = timestamp - last
    }
    this.#last[kind] = timestamp
    this.#latest = Math.max(this.#latest ?? timestamp, timestamp)
  }

  /** Something is missing between the frames so far and one of that time. */
  isGap(timestamp: Ms): boolean {
    const longest = Math.max(MIN_GAP_MS, 3 * this.#step.audio, 3 * this.#step.video)
    return this.#latest !== null && timestamp - this.#latest > longest
  }

  /** Where the last frames end, by their likely duration; whole ms. 0 before the first frame. */
  get end(): Ms {
    const { audio, video } = this.#last
    const audioEnd = audio === null ? 0 : audio + this.#step.audio
    const videoEnd = video === null ? 0 : video + this.#step.video
    return ms(Math.round(Math.max(audioEnd, videoEnd)))
  }
}
