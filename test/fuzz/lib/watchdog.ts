import { Worker } from 'node:worker_threads'
import { MAX_INPUT_BYTES } from './mutate.ts'

/** An input that is not done with after so long hangs, ms. */
export const HANG_MS = 30_000

const HEADER_BYTES = 16

/**
 * Watches from another thread whether inputs come to an end. One that does not is saved, and the process is ended: nothing
 * else can be done about a loop that never ends.
 */
export class Watchdog {
  readonly #header: Int32Array
  readonly #name: Uint8Array
  readonly #input: Uint8Array
  readonly #worker: Worker

  /** Begins to watch. @param hangMs how long an input may take, ms */
  constructor(hangMs: number = HANG_MS) {
    const shared = new SharedArrayBuffer(HEADER_BYTES + 32 + MAX_INPUT_BYTES)
    this.#header = new Int32Array(shared, 0, HEADER_BYTES / 4)
    this.#name = new Uint8Array(shared, HEADER_BYTES, 32)
    this.#input = new Uint8Array(shared, HEADER_BYTES + 32)
    this.#worker = new Worker(new URL('watchdog-worker.ts', import.meta.url), {
      workerData: { shared, hangMs },
    })
    this.#worker.unref()
  }

  /** An input is about to be judged. */
  begin(target: string, input: Uint8Array): void {
    this.#name.fill(0)
    this.#name.set(Buffer.from(target).subarray(0, 32))
    this.#input.set(input.subarray(0, MAX_INPUT_BYTES))
    this.#header[1] = Math.min(input.length, MAX_INPUT_BYTES)
    Atomics.add(this.#header, 0, 1)
  }

  /** No more is watched. */
  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
