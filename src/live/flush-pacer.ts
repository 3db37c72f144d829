import { performance } from 'node:perf_hooks'
import type { Clock, Logger, Ms } from '../base/index.ts'

/** How long media may gather before it is written to the players. */
export type FlushOptions = Readonly<{
  /** Writes at every video frame, whatever it costs. SRS: min_latency. Default false. */
  minLatency: boolean
  /**
   * Media time gathered before a write, ms, rounded to whole video frames: latency against cost. 0 writes at every video
   * frame. SRS: mw_latency. Default null: adapts between 0 and 350 to how busy the event loop is.
   */
  mergeWriteMs: number | null
}>

/** The defaults of `FlushOptions`. */
export const defaultFlushOptions: FlushOptions = { minLatency: false, mergeWriteMs: null }

/** Intervals that the adaptive pacer goes through, ms. The last is SRS's default of mw_latency. */
export const FLUSH_INTERVALS_MS: readonly number[] = [0, 80, 160, 350]

/** How often the event loop is looked at, ms. */
export const PACER_SAMPLE_MS = 500

/** Share of time the event loop is busy above which the interval grows: beyond it, latency is lost to waiting anyway. */
export const BUSY_UTILISATION = 0.75

/**
 * Share below which the interval shrinks again. An interval half as long costs at most twice as much, so a step back from
 * here does not lead straight to the next step forward.
 */
export const IDLE_UTILISATION = 0.35

/**
 * Share of time that flushes must take for the interval to grow: merging saves only what writing costs. A loop that is busy
 * with something else, thousands of players who join at once say, would give latency away for nothing.
 */
export const MIN_FLUSH_SHARE = 0.4

/** Samples in a row that must be idle before the interval shrinks. */
export const IDLE_SAMPLES = 6

/** What a pacer is made with. */
export type FlushPacerSetup = Readonly<{
  /** What is asked for. */
  options: FlushOptions
  /** Told of every change of the interval. */
  logger: Logger
  /** Times the samples. */
  clock: Clock
  /** Share of time the event loop was busy since the last call, 0 to 1. Default: this thread's. */
  utilisation?: () => number
}>

/**
 * Says how long broadcasts gather media before they write. The cost of a viewer is nearly all in the number of writes, so
 * when the event loop has no room left for one per frame, fewer and longer writes keep everybody's latency low.
 */
export class FlushPacer {
  readonly #options: FlushOptions
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #utilisation: () => number
  #sampledAt: Ms
  #flushedMs = 0
  #holders = 0
  #timer: NodeJS.Timeout | null = null
  #step = 0
  #idleSamples = 0
  #changes = 0

  /** Watches nothing until it is held. */
  constructor(setup: FlushPacerSetup) {
    this.#options = setup.options
    this.#logger = setup.logger
    this.#clock = setup.clock
    this.#sampledAt = setup.clock.now()
    this.#utilisation = setup.utilisation ?? eventLoopUtilisation()
  }

  /** Media time to gather before a write, ms; 0 for a write at every video frame. */
  get intervalMs(): number {
    const { minLatency, mergeWriteMs } = this.#options
    return minLatency ? 0 : (mergeWriteMs ?? FLUSH_INTERVALS_MS[this.#step] ?? 0)
  }

  /** How often the interval changed. */
  get changes(): number {
    return this.#changes
  }

  /** Watches the event loop from now on, while anybody holds it. Returns the release, to be called once. */
  hold(): () => void {
    this.#holders++
    if (!this.#options.minLatency && this.#options.mergeWriteMs === null && this.#timer === null) {
      // The first call gives the time since the process began, which says nothing about now.
      this.#utilisation()
      this.#takeFlushShare()
      this.#timer = setInterval(() => this.sample(), PACER_SAMPLE_MS).unref()
    }
    return () => {
      this.#holders--
      if (this.#holders === 0 && this.#timer !== null) {
        clearInterval(this.#timer)
        this.#timer = null
      }
    }
  }

  /** Told by broadcasts how long they held the event loop to write to their players. */
  countFlush(durationMs: number): void {
    this.#flushedMs += durationMs
  }

  /** Takes one look at the event loop, and changes the interval if that is due. Called by its own timer. */
  sample(): void {
    const utilisation = this.#utilisation()
    const flushShare = this.#takeFlushShare()
    if (utilisation > BUSY_UTILISATION) {
      this.#idleSamples = 0
      if (flushShare < MIN_FLUSH_SHARE) {
        return
      }
      this.#moveTo(Math.min(this.#step + 1, FLUSH_INTERVALS_MS.length - 1), utilisation)
      return
    }
    this.#idleSamples = utilisation < IDLE_UTILISATION ? this.#idleSamples + 1 : 0
    if (this.#idleSamples >= IDLE_SAMPLES) {
      this.#idleSamples = 0
      this.#moveTo(Math.max(this.#step - 1, 0), utilisation)
    }
  }

  /** Share of the time since the last call that flushes took. */
  #takeFlushShare(): number {
    const now = this.#clock.now()
    const share = this.#flushedMs / Math.max(now - this.#sampledAt, 1)
    this.#sampledAt = now
    this.#flushedMs = 0
    return share
  }

  #moveTo(step: number, utilisation: number): void {
    if (step === this.#step) {
      return
    }
    this.#step = step
    this.#changes++
    const fields = { intervalMs: this.intervalMs, eventLoopUtilisation: Number(utilisation.toFixed(2)) }
    this.#logger.info(fields, 'flush interval changed')
  }
}

/** This thread's utilisation between two calls. */
function eventLoopUtilisation(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
