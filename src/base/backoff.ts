import type { Clock } from './clock.ts'
import type { Ms } from './units.ts'

/** How long to wait between attempts at something that fails. */
export type BackoffOptions = Readonly<{
  /** The wait after the first failure, ms. */
  firstMs: number
  /** The wait doubles with each failure up to this, ms. */
  maxMs: number
  /** Part of each wait that is left to chance, 0 to 1: so that a thousand who failed together don't come back together. */
  jitter: number
  /** What has worked for so long begins anew with `firstMs` when it fails, ms. */
  healthyMs: number
}>

/**
 * Says how long to wait before the next attempt at something that fails (exponential, with jitter): a connection to another
 * server, say. What works only for a moment, again and again, counts as failing.
 */
export class Backoff {
  readonly #options: BackoffOptions
  readonly #clock: Clock
  readonly #random: () => number
  #failures = 0
  #worksSince: Ms | null = null

  /**
   * @param clock says for how long something has worked
   * @param random gives numbers from 0 up to 1. Default `Math.random`
   */
  constructor(options: BackoffOptions, clock: Clock, random: () => number = Math.random) {
    this.#options = options
    this.#clock = clock
    this.#random = random
  }

  /** Failures since it last worked for `healthyMs`. */
  get failures(): number {
    return this.#failures
  }

  /** Has it worked for `healthyMs`, and works still? */
  get isHealthy(): boolean {
    const since = this.#worksSince
    return since !== null && this.#clock.now() - since >= this.#options.healthyMs
  }

  /** It works, from now on until `fail`. */
  work(): void {
    this.#worksSince ??= this.#clock.now()
  }

  /** It has failed. Returns how long to wait before the next attempt, ms. */
  fail(): number {
    const { firstMs, maxMs, jitter } = this.#options
    if (this.isHealthy) {
      this.#failures = 0
    }
    this.#worksSince = null
    // The exponent stays small: 2 to the power of a thousand would be Infinity.
    const wholeMs = Math.min(firstMs * 2 ** Math.min(this.#failures, 32), maxMs)
    this.#failures++
    return wholeMs * (1 - jitter * this.#random())
  }
}
