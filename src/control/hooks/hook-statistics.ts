import { Histogram } from '../../base/index.ts'
import type { HookAnswer } from './hook-answer.ts'

/** Upper bounds of the buckets of latencies, ms. */
export const HOOK_LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
]

/** What became of the calls of one event, since the start: how many had each outcome, and how long they took. */
export type HookCallCounts = Readonly<
  Record<HookAnswer['outcome'], number> & {
    /** From the wish to call to the end of the answer, waiting for a connection included; of each call that was answered or given up. */
    latencyMs: Histogram
  }
>

/** Counts calls of hooks. */
export class HookStatistics {
  readonly #byEvent = new Map<string, Record<HookAnswer['outcome'], number> & { latencyMs: Histogram }>()
  /** Calls that wait for an answer, or for a connection, at present. */
  inFlight = 0

  /** By `action` of the bodies: 'on_publish', 'on_forward' and so on; an event that was never called has none. */
  get byEvent(): ReadonlyMap<string, HookCallCounts> {
    return this.#byEvent
  }

  /** Counts a call that is over. */
  add(event: string, outcome: HookAnswer['outcome'], latencyMs: number): void {
    let counts = this.#byEvent.get(event)
    if (counts === undefined) {
      counts = { allowed: 0, refused: 0, unavailable: 0, latencyMs: new Histogram(HOOK_LATENCY_BOUNDS_MS) }
      this.#byEvent.set(event, counts)
    }
    counts[outcome]++
    counts.latencyMs.observe(latencyMs)
  }
}
