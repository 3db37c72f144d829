import type { Clock, Ms } from '../../base/index.ts'
import type { FfmpegProgress } from './status.ts'

/** How often programs are looked at, ms. */
export const WATCH_INTERVAL_MS = 1000

/**
 * Finds out whether a program stands still. Time counts that goes by between looks at it, not while nobody looks: a server that had no
 * time for anything has not read yet what a program says.
 */
export class StallWatch {
  readonly #clock: Clock
  #lookedAt: Ms
  #stillMs = 0
  #frames = 0
  #mediaTimeMs = 0

  /** It has just begun. */
  constructor(clock: Clock) {
    this.#clock = clock
    this.#lookedAt = clock.now()
  }

  /** It tells how far it is. Returns whether that is further than before. */
  advance({ frames, mediaTimeMs }: FfmpegProgress): boolean {
    const isFurther = frames > this.#frames || mediaTimeMs > this.#mediaTimeMs
    if (isFurther) {
      this.#stillMs = 0
    }
    this.#frames = Math.max(frames, this.#frames)
    this.#mediaTimeMs = Math.max(mediaTimeMs, this.#mediaTimeMs)
    return isFurther
  }

  /**
   * Looks at it, about each `WATCH_INTERVAL_MS`.
   * @param isExpected whether it should make progress now
   * @returns for how long it has stood still while it should not, ms
   */
  look(isExpected: boolean): number {
    const now = this.#clock.now()
    const sinceMs = Math.min(now - this.#lookedAt, WATCH_INTERVAL_MS)
    this.#lookedAt = now
    this.#stillMs = isExpected ? this.#stillMs + sinceMs : 0
    return this.#stillMs
  }
}
