import { Backoff, type BackoffOptions, type Clock, type Ms } from '../../base/index.ts'

/** What fails again and again has a line in the log at most so often, ms. */
export const FAILING_LOG_INTERVAL_MS = 600_000

/** What comes of a failure. */
export type FailureOutcome = Readonly<{
  /** How long to wait before the next attempt, ms. */
  restMs: number
  /** Is it worth a line in the log? Each failure is until it is failing; then the first is, and one each `FAILING_LOG_INTERVAL_MS`. */
  isNews: boolean
}>

/** The failures of something in a row, for as long as it is wanted: it is never given up, and says when it has become a lasting trouble. */
export class FailureRow {
  readonly #makeBackoff: () => Backoff
  readonly #clock: Clock
  #backoff: Backoff
  #isFailing = false
  #toldAt: Ms | null = null

  /** @param random for the jitter of the waits */
  constructor(options: BackoffOptions, clock: Clock, random?: () => number) {
    this.#makeBackoff = () => new Backoff(options, clock, random)
    this.#clock = clock
    this.#backoff = this.#makeBackoff()
  }

  /** Has it failed so often in a row that somebody should look at it? Until it has worked for a while, however often it is tried. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  /** Has it failed since it last worked for a while? */
  get hasFailed(): boolean {
    return this.#backoff.failures > 0
  }

  /** It works, from now on until it fails. */
  work(): void {
    this.#backoff.work()
  }

  /**
   * It has failed.
   * @param failingAfter so many failures in a row make it one that is failing; Infinity for what is not its fault
   */
  fail(failingAfter: number): FailureOutcome {
    const restMs = Math.round(this.#backoff.fail())
    this.#isFailing = this.#backoff.failures >= failingAfter
    const now = this.#clock.now()
    const isNews = !this.#isFailing || this.#toldAt === null || now - this.#toldAt >= FAILING_LOG_INTERVAL_MS
    if (!this.#isFailing) {
      this.#toldAt = null
    } else if (isNews) {
      this.#toldAt = now
    }
    return { restMs, isNews }
  }

  /** Returns whether it was failing, and is no more, since it has worked for a while. */
  recover(): boolean {
    const hasRecovered = this.#isFailing && this.#backoff.isHealthy
    if (hasRecovered) {
      this.forget()
    }
    return hasRecovered
  }

  /** It begins anew: what was does not count. */
  forget(): void {
    this.#backoff = this.#makeBackoff()
    this.#isFailing = false
    this.#toldAt = null
  }
}
