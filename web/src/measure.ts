/** Averages samples over the last `span` of some clock, in that clock's unit. */
export class SlidingAverage {
  readonly #span: number
  #samples: { at: number; value: number }[] = []

  /** @param span how far back samples count, in the unit of `at` */
  constructor(span: number) {
    this.#span = span
  }

  /** Adds a sample; `at` never goes backward. */
  add(at: number, value: number): void {
    this.#samples.push({ at, value })
    this.#samples = this.#samples.filter((sample) => at - sample.at <= this.#span)
  }

  /** The average, or `null` before the first sample. */
  get value(): number | null {
    const sum = this.#samples.reduce((total, sample) => total + sample.value, 0)
    return this.#samples.length === 0 ? null : sum / this.#samples.length
  }
}

/** How many seconds of media a frame rate is measured over, and how many are needed before it means something. */
const RATE_SPAN_SECONDS = 5
const RATE_NEEDED_SECONDS = 2

/**
 * Frame rate of the media: decoded frames by seconds of media, not of wall time, so that neither a stall nor a changed
 * playback rate shows.
 */
export class FrameRateMeter {
  #points: { frames: number; seconds: number }[] = []

  /**
   * Adds a reading of the running frame count and the playhead. A playhead or count that goes backward starts anew.
   */
  add(frames: number, seconds: number): void {
    const last = this.#points.at(-1)
    if (last !== undefined && (seconds < last.seconds || frames < last.frames)) {
      this.reset()
    }
    this.#points.push({ frames, seconds })
    this.#points = this.#points.filter((point) => seconds - point.seconds <= RATE_SPAN_SECONDS)
  }

  /** Forgets everything; to be called when the playhead jumps. */
  reset(): void {
    this.#points = []
  }

  /** Frames per second, or `null` while too little has been played or nothing was decoded. */
  get value(): number | null {
    const first = this.#points.at(0)
    const last = this.#points.at(-1)
    if (first === undefined || last === undefined || last.seconds - first.seconds < RATE_NEEDED_SECONDS) {
      return null
    }
    const rate = (last.frames - first.frames) / (last.seconds - first.seconds)
    return rate > 0 ? rate : null
  }
}
