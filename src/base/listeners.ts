/** Who is told of something, in the order in which they came; for what is no event of a public class. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>()

  /** Tells `listener` from now on; who is added twice is told twice. Returns what ends that, which is idempotent. */
  add(listener: (value: T) => void): () => void {
    const own = (value: T): void => listener(value)
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  /** Tells all that there are; who is added or ends it meanwhile is not told. */
  tell(value: T): void {
    for (const listener of [...this.#listeners]) {
      if (this.#listeners.has(listener)) {
        listener(value)
      }
    }
  }
}
