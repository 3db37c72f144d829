import type { Clock, Ms } from '../base/index.ts'

/** What is longer is for ever: Node's timers hold no more, ms. */
const MAX_TIMER_MS = 0x7fffffff

/** Tells when a stream was published for a time without anybody watching. */
export class UnwatchedTimer {
  readonly #clock: Clock
  readonly #onDue: (timeoutMs: number) => void
  /** When it began; null while there is a viewer or no publisher. */
  #since: Ms | null = null
  #timeoutMs = 0
  #timer: NodeJS.Timeout | undefined

  /** @param onDue called once for each such time, with the limit that it reached */
  constructor(clock: Clock, onDue: (timeoutMs: number) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** For how long it has been so, ms; 0 if it is not. */
  get elapsedMs(): number {
    return this.#since === null ? 0 : this.#clock.now() - this.#since
  }

  /**
   * To be called whenever one of the two may have changed.
   * @param isUnwatched somebody publishes, and nobody watches
   * @param timeoutMs 0 for never
   */
  update(isUnwatched: boolean, timeoutMs: number): void {
    if (isUnwatched === (this.#since !== null) && timeoutMs === this.#timeoutMs) {
      return
    }
    clearTimeout(this.#timer)
    this.#timeoutMs = timeoutMs
    this.#since = isUnwatched ? (this.#since ?? this.#clock.now()) : null
    if (this.#since !== null && timeoutMs > 0 && timeoutMs <= MAX_TIMER_MS) {
      const remainingMs = Math.max(timeoutMs - (this.#clock.now() - this.#since), 0)
      this.#timer = setTimeout(() => this.#onDue(timeoutMs), remainingMs).unref()
    }
  }
}
