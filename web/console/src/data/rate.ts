/** Turns a counter of bytes into bits per second. */
export class BitRate {
  #bytes: number | null = null
  #at = 0
  #value: number | null = null

  /**
   * The rate since the reading before; null for the first one, and for one that is less than the last, as after a restart of the
   * server. A reading of the same moment does not count.
   * @param at when the counter was read, ms
   */
  add(at: number, bytes: number): number | null {
    if (this.#bytes !== null && at === this.#at) {
      return this.#value
    }
    const isContinued = this.#bytes !== null && at > this.#at && bytes >= this.#bytes
    this.#value = isContinued ? ((bytes - (this.#bytes ?? 0)) * 8000) / (at - this.#at) : null
    this.#bytes = bytes
    this.#at = at
    return this.#value
  }
}
