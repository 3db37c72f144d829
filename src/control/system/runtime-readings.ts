import { type ELDHistogram, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'
import { type Clock, Histogram, type Ms } from '../../base/index.ts'

/** How often the event loop is looked at, ms. */
export const EVENT_LOOP_RESOLUTION_MS = 20

/** Who asks again within so short a time gets the same reading, ms. */
export const MIN_RUNTIME_WINDOW_MS = 1_000

/** Bounds of the histogram of collections of garbage, ms. */
const GC_BOUNDS_MS: readonly number[] = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250]

/** Names of the kinds of collections, by the numbers that Node has for them (perf_hooks, performanceEntry.detail.kind). */
const GC_KINDS: ReadonlyMap<unknown, string> = new Map([
  [1, 'minor'],
  [2, 'minor_mark_compact'],
  [4, 'major'],
  [8, 'incremental'],
  [16, 'weakcb'],
])

/** How late the event loop was, ms, since the reading before. All 0 before the first turns are known. */
export type EventLoopReading = Readonly<{
  /** On average. */
  meanMs: number
  /** Half of the turns were not later. */
  p50Ms: number
  /** 90 of 100. */
  p90Ms: number
  /** 99 of 100. */
  p99Ms: number
  /** The latest. */
  maxMs: number
  /** Share of the time in which it was busy, 0 to 1. */
  utilization: number
}>

/**
 * Reads the event loop and the collections of garbage of this thread. Nothing is measured before somebody asks for the first time;
 * from then on it takes fifty looks a second, which Node does without our code. Each of those who ask should have their own, as
 * a reading is of the time since the one before.
 */
export class RuntimeReadings {
  readonly #clock: Clock
  #delay: ELDHistogram | null = null
  #collections: PerformanceObserver | null = null
  readonly #pauses = new Map([...GC_KINDS.values()].map((kind) => [kind, new Histogram(GC_BOUNDS_MS)]))
  #utilization = performance.eventLoopUtilization()
  #newest: { at: Ms; reading: EventLoopReading } | null = null

  /** @param clock times the readings */
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Pauses for collections of garbage since the first call, ms, by kind: each that Node has, also before the first of it. */
  get pauses(): ReadonlyMap<string, Histogram> {
    if (this.#collections === null) {
      this.#collections = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          this.#countPause(entry)
        }
      })
      this.#collections.observe({ entryTypes: ['gc'] })
    }
    return this.#pauses
  }

  /** The event loop since the reading before; the same reading within `MIN_RUNTIME_WINDOW_MS`. */
  readEventLoop(): EventLoopReading {
    const now = this.#clock.now()
    if (this.#newest === null || now - this.#newest.at >= MIN_RUNTIME_WINDOW_MS) {
      this.#newest = { at: now, reading: this.#read() }
    }
    return this.#newest.reading
  }

  /** Measures nothing any more. Idempotent. */
  close(): void {
    this.#delay?.disable()
    this.#collections?.disconnect()
  }

  #read(): EventLoopReading {
    if (this.#delay === null) {
      this.#delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS })
      this.#delay.enable()
    }
    const delay = this.#delay
    const utilization = performance.eventLoopUtilization()
    const reading = {
      meanMs: lateMs(delay.count === 0 ? 0 : delay.mean),
      p50Ms: lateMs(delay.percentile(50)),
      p90Ms: lateMs(delay.percentile(90)),
      p99Ms: lateMs(delay.percentile(99)),
      maxMs: lateMs(delay.max),
      utilization: performance.eventLoopUtilization(utilization, this.#utilization).utilization,
    }
    delay.reset()
    this.#utilization = utilization
    return reading
  }

  #countPause(entry: { duration: number; detail?: unknown }): void {
    const { kind } = entry.detail as { kind?: unknown }
    const name = GC_KINDS.get(kind) ?? 'other'
    const pauses = this.#pauses.get(name) ?? new Histogram(GC_BOUNDS_MS)
    this.#pauses.set(name, pauses)
    pauses.observe(entry.duration)
  }
}

/** Node tells how long it was between two looks, in ns: what that is longer than asked for is late. */
function lateMs(betweenNs: number): number {
  return Math.max(0, betweenNs / 1e6 - EVENT_LOOP_RESOLUTION_MS)
}
