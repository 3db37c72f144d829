/** What has been asked to end, and has not ended yet. */
export class Endings {
  readonly #unfinished = new Set<string>()

  /** Names of it, in the order in which it was asked. */
  get unfinished(): readonly string[] {
    return [...this.#unfinished]
  }

  /**
   * Ends what hears of all the others last: when they have ended, or else, since some of them hang or fail, after a while.
   * @param others resolves when they have ended @param patienceMs how long it waits for that @param end ends it
   * @throws Error if one of the others failed, or it does
   */
  async endLast(others: Promise<void>, patienceMs: number, end: () => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs)
    })
    await Promise.race([others.catch(() => {}), tooLong])
    clearTimeout(timer)
    await end()
    await others
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
