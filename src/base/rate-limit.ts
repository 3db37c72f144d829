import type { Clock } from './clock.ts'

/** How often something may happen. */
export type RateLimitOptions = Readonly<{
  /** At once, before the rate counts. */
  burst: number
  /** A second, in the long run. */
  perSecond: number
}>

/** Counts what may happen now and then, but not again and again (a token bucket). */
export class RateLimit {
  readonly #options: RateLimitOptions
  readonly #clock: Clock
  #left: number
  #at: number

  /** @param clock times what may happen again */
  constructor(options: RateLimitOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#left = options.burst
    this.#at = clock.now()
  }

  /** Counts once more. Returns whether that is within the limit; what is not does not count. */
  take(): boolean {
    if (!this.has()) {
      return false
    }
    this.#left--
    return true
  }

  /** Whether one more would be within the limit; counts nothing. */
  has(): boolean {
    const { burst, perSecond } = this.#options
    const now = this.#clock.now()
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond)
    this.#at = now
    return this.#left >= 1
  }
}
