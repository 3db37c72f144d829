import { type Signal, signal } from '@preact/signals'
import { ApiFailure } from '../../../src/api/api-client.ts'
import type { PollTask } from './poller.ts'

/** Something the server knows that is asked for again and again, as of its last answer. */
export class Resource<T> implements PollTask {
  /** The last answer; null before the first. Stays when the server is gone. */
  readonly value: Signal<T | null> = signal(null)
  /** Why there is none, or no newer one; null after an answer. */
  readonly failure: Signal<ApiFailure | null> = signal(null)
  /** See `PollTask`. */
  readonly everyMs: number
  readonly #load: () => Promise<T>

  constructor(everyMs: number, load: () => Promise<T>) {
    this.everyMs = everyMs
    this.#load = load
  }

  /** See `PollTask`. */
  async run(): Promise<void> {
    try {
      this.value.value = await this.#load()
      this.failure.value = null
    } catch (error) {
      if (error instanceof ApiFailure) {
        this.failure.value = error
      }
      throw error
    }
  }
}
