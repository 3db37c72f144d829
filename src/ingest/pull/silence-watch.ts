/** Tells when nothing has come for a time. What comes costs it nothing: it looks only when the time may be over. */
export class SilenceWatch {
  readonly #silentMs: () => number
  readonly #onSilence: (silentMs: number) => number | null
  #timer: NodeJS.Timeout | undefined

  /**
   * @param silentMs how long nothing has come, ms
   * @param onSilence called when that is as long as was said; returns after how long a silence it is to be called again, null for never
   */
  constructor(silentMs: () => number, onSilence: (silentMs: number) => number | null) {
    this.#silentMs = silentMs
    this.#onSilence = onSilence
  }

  /** Waits for so long a silence, ms. */
  start(limitMs: number): void {
    this.stop()
    const remainingMs = Math.max(limitMs - this.#silentMs(), 1)
    this.#timer = setTimeout(() => this.#look(limitMs), remainingMs)
  }

  /** Ends the watch. Idempotent. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #look(limitMs: number): void {
    const silentMs = this.#silentMs()
    const next = silentMs >= limitMs ? this.#onSilence(silentMs) : limitMs
    if (next !== null) {
      this.start(next)
    }
  }
}
