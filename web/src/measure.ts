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
const RATE_NEEDED_SECONDS = 3
/** Not counted at first: the decoder runs ahead of the playhead until its queue is full. */
const RATE_SKIPPED_SECONDS = 1.5
/** Rates in use; a measured rate this near to one, in parts of it, is taken for it, as a few frames are always on their way. */
const COMMON_RATES: readonly number[] = [10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 120]
const COMMON_RATE_TOLERANCE = 0.025

/**
 * Frame rate of the media: decoded frames by seconds of media, not of wall time, so that neither a stall nor a changed
 * playback rate shows.
 */
export class FrameRateMeter {
  #points: { frames: number; seconds: number }[] = []
  #startedAt: number | null = null

  /**
   * Adds a reading of the running frame count and the playhead. A playhead or count that goes backward starts anew.
   */
  add(frames: number, seconds: number): void {
    const last = this.#points.at(-1)
    if (last !== undefined && (seconds < last.seconds || frames < last.frames)) {
      this.reset()
    }
    this.#startedAt ??= seconds
    if (seconds - this.#startedAt < RATE_SKIPPED_SECONDS) {
      return
    }
    this.#points.push({ frames, seconds })
    this.#points = this.#points.filter((point) => seconds - point.seconds <= RATE_SPAN_SECONDS)
  }

  /** Forgets everything; to be called when the playhead jumps. */
  reset(): void {
    this.#points = []
    this.#startedAt = null
  }

  /** Frames per second, or `null` while too little has been played or nothing was decoded. */
  get value(): number | null {
    const first = this.#points.at(0)
    const last = this.#points.at(-1)
    if (first === undefined || last === undefined || last.seconds - first.seconds < RATE_NEEDED_SECONDS) {
      return null
    }
    const rate = (last.frames - first.frames) / (last.seconds - first.seconds)
    const common = COMMON_RATES.find((each) => Math.abs(rate - each) <= each * COMMON_RATE_TOLERANCE)
    return rate > 0 ? (common ?? rate) : null
  }
}
