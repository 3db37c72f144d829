import type { Ms } from '../base/index.ts'

/**
 * Counts the media time of a stream for what is measured by it, i.e. how far a player is behind. A step of the timeline counts
 * up to a maximum, since one that is longer says nothing of how much media there is: the publisher's clock has jumped, and is
 * followed (`timeJitter` off or zero, `atc`), or nothing was sent for a while.
 */
export class ElapsedMedia {
  /** As much as one step may count, ms. */
  maxStepMs: number
  #newest: Ms | null = null
  #elapsedMs = 0

  /** @param maxStepMs as much as one step may count, ms */
  constructor(maxStepMs: number) {
    this.maxStepMs = maxStepMs
  }

  /** Counts the next frame's timestamp. Returns the media time up to it since the first frame, ms. */
  count(timestamp: Ms): number {
    const newest = this.#newest ?? timestamp
    if (timestamp >= newest) {
      this.#elapsedMs += Math.min(timestamp - newest, this.maxStepMs)
      this.#newest = timestamp
    }
    return this.#elapsedMs
  }
}
