/** Readings that are further from the others than that, ms, are of another clock: it was set, or the server is another one. */
const MAX_DELAY_MS = 2_000

/** What time it is at the server, whose times are shown and plotted: the clock of the browser may be wrong. */
export class ServerClock {
  #aheadMs: number | null = null

  /**
   * Takes a time that the server told.
   * @param serverMs what it said, ms since the Unix epoch
   * @param localMs when that was heard, by the clock of the browser
   */
  add(serverMs: number, localMs: number): void {
    const aheadMs = serverMs - localMs
    // What it said is late by as long as it was on its way: the largest one was fastest.
    const isDelayed = this.#aheadMs !== null && Math.abs(aheadMs - this.#aheadMs) < MAX_DELAY_MS
    this.#aheadMs = isDelayed ? Math.max(aheadMs, this.#aheadMs ?? 0) : aheadMs
  }

  /** The time at the server, ms since the Unix epoch; that of the browser before anything was told. */
  now(localMs: number = Date.now()): number {
    return localMs + (this.#aheadMs ?? 0)
  }
}
