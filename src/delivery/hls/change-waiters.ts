type Waiter = { resolve: () => void; reject: (reason: unknown) => void }

/** Those who wait for the next change. Nobody is kept after it, nor after its signal. */
export class ChangeWaiters {
  readonly #waiters = new Set<Waiter>()

  /** Resolves at the next `resolveAll`; rejects at `rejectAll`, and with the signal's reason when that aborts first. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const leave = () => {
        this.#waiters.delete(waiter)
        signal?.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        resolve() {
          leave()
          resolve()
        },
        reject(reason) {
          leave()
          reject(reason)
        },
      }
      const onAbort = () => waiter.reject(signal?.reason)
      signal?.addEventListener('abort', onAbort)
      this.#waiters.add(waiter)
    })
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.size
  }

  /** The change is here. */
  resolveAll(): void {
    for (const waiter of [...this.#waiters]) {
      waiter.resolve()
    }
  }

  /** There will be no change. */
  rejectAll(reason: Error): void {
    for (const waiter of [...this.#waiters]) {
      waiter.reject(reason)
    }
  }
}
