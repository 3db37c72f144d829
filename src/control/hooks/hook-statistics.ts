import type { HookAnswer } from './hook-answer.ts'

/** Upper bounds of the classes of latencies, ms; one more class has what took longer. */
export const HOOK_LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
]

/** What became of the calls of one event, since the start. */
export type HookCallCounts = Readonly<
  Record<HookAnswer['outcome'], number> & {
    /** Calls that were answered or given up: the sum of the others. */
    calls: number
    /** Calls by their latency: one count for each of `HOOK_LATENCY_BOUNDS_MS`, and one for what took longer. */
    latencies: readonly number[]
    /** All latencies together, ms. */
    latencySumMs: number
  }
>

type Counts = { -readonly [Name in keyof HookCallCounts]: HookCallCounts[Name] } & { latencies: number[] }

/** Counts calls of hooks. */
export class HookStatistics {
  readonly #byEvent = new Map<string, Counts>()
  /** Calls that wait for an answer, or for a connection, at present. */
  inFlight = 0

  /** What became of the calls, by `action` of their bodies: 'on_publish', 'on_forward' and so on; an event that was never called has none. */
  get byEvent(): ReadonlyMap<string, HookCallCounts> {
    return this.#byEvent
  }

  /**
   * Counts a call.
   * @param event `action` of its body
   * @param latencyMs from the wish to call to the end of the answer
   */
  add(event: string, outcome: HookAnswer['outcome'], latencyMs: number): void {
    let counts = this.#byEvent.get(event)
    if (counts === undefined) {
      const latencies = Array.from({ length: HOOK_LATENCY_BOUNDS_MS.length + 1 }, () => 0)
      counts = { calls: 0, allowed: 0, refused: 0, unavailable: 0, latencies, latencySumMs: 0 }
      this.#byEvent.set(event, counts)
    }
    counts.calls++
    counts[outcome]++
    counts.latencySumMs += latencyMs
    const found = HOOK_LATENCY_BOUNDS_MS.findIndex((bound) => latencyMs <= bound)
    const index = found < 0 ? HOOK_LATENCY_BOUNDS_MS.length : found
    counts.latencies[index] = (counts.latencies[index] ?? 0) + 1
  }
}
