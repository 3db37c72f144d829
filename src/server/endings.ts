/** What has been asked to end, and has not ended yet. */
export class Endings {
  readonly #unfinished = new Set<string>()

  /** Names of it, in the order in which it was asked. */
  get unfinished(): readonly string[] {
    return [...this.#unfinished]
  }

  /** Waits for an end. @param name what ends, for people; unique */
  async wait(name: string, ended: Promise<unknown>): Promise<void> {
    this.#unfinished.add(name)
    try {
      await ended
    } finally {
      this.#unfinished.delete(name)
    }
  }
}
