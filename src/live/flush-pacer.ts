import { performance } from 'node:perf_hooks'
import { type Clock, Histogram, type Logger, type Ms } from '../base/index.ts'

/** How long media may gather before it is written to the players. A change counts at once. */
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

/**
 * How late frames may be read from their publishers, ms: the steps that the pacer goes through while the event loop is busy with
 * many of them. A read costs several times what is done with the frame it brings.
 */
export const READ_LATENESS_MS: readonly number[] = [0, 20, 40, 80]

/** Broadcasts from which on reading late spares anything worth speaking of: it is the reads of many publishers that cost. */
export const MANY_BROADCASTS = 100

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
 * with something else, thousands of players who join at once say, would give latency away for little.
 */
export const MIN_FLUSH_SHARE = 0.6

/** Samples in a row that must be idle before the interval shrinks. */
export const IDLE_SAMPLES = 6

/** Bounds of the histogram of how long media took to players' sockets, ms. */
export const LAG_BOUNDS_MS: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 200, 400, 1000, 2500, 5000, 10_000,
]

/** What a pacer is made with. */
export type FlushPacerSetup = Readonly<{
  /** Told of every change of the interval. */
  logger: Logger
  /** Times the samples. */
  clock: Clock
  /** Share of time the event loop was busy since the last call, 0 to 1. Default: this thread's. */
  utilisation?: () => number
}>

/**
 * Says how long broadcasts gather media before they write; one for all of a process. The cost of a viewer is nearly all in the
 * number of writes, so when the event loop has no room left for one per frame, fewer and longer writes keep everybody's latency
 * low. The same holds for the reads where there are many publishers.
 */
export class FlushPacer {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #utilisation: () => number
  /**
   * How long media took from their arrival to the sockets of players, ms, of all broadcasts: of each flush the oldest frame, once for
   * each player that got all of it; and where a player's socket had taken nothing for a while, what it was behind by then.
   */
  readonly lag: Histogram = new Histogram(LAG_BOUNDS_MS)
  #flushes = 0
  #allFlushedMs = 0
  #sampledAt: Ms
  #flushedMs = 0
  #holders = 0
  /** How many of the holders leave the interval to it. */
  #adapting = 0
  #timer: NodeJS.Timeout | null = null
  #step = 0
  #readStep = 0
  #idleSamples = 0
  #changes = 0

  /** Watches nothing until it is held. */
  constructor(setup: FlushPacerSetup) {
    this.#logger = setup.logger
    this.#clock = setup.clock
    this.#sampledAt = setup.clock.now()
    this.#utilisation = setup.utilisation ?? eventLoopUtilisation()
  }

  /** Media time to gather before a write where nothing else is asked for, ms; 0 for a write at every video frame. */
  get intervalMs(): number {
    return FLUSH_INTERVALS_MS[this.#step] ?? 0
  }

  /** Media time to gather before a write with these options, ms. */
  intervalFor({ minLatency, mergeWriteMs }: FlushOptions): number {
    return minLatency ? 0 : (mergeWriteMs ?? this.intervalMs)
  }

  /** So much later than they come frames may be read, ms. */
  get mayBeLateMs(): number {
    return READ_LATENESS_MS[this.#readStep] ?? 0
  }

  /** How often the interval changed. */
  get changes(): number {
    return this.#changes
  }

  /**
   * Watches the event loop from now on, while anybody holds it whose frames are not to be written at once anyway.
   * @returns the release, to be called once
   */
  hold({ minLatency, mergeWriteMs }: FlushOptions): () => void {
    if (minLatency) {
      return () => {}
    }
    const adapts = Number(mergeWriteMs === null)
    this.#holders++
    this.#adapting += adapts
    if (this.#timer === null) {
      // The first call gives the time since the process began, which says nothing about now.
      this.#utilisation()
      this.#takeFlushShare()
      this.#timer = setInterval(() => this.sample(), PACER_SAMPLE_MS).unref()
    }
    return () => {
      this.#holders--
      this.#adapting -= adapts
      if (this.#holders === 0 && this.#timer !== null) {
        clearInterval(this.#timer)
        this.#timer = null
      }
    }
  }

  /** How often broadcasts held the event loop to write to their players; a flush to thousands counts as several. */
  get flushes(): number {
    return this.#flushes
  }

  /** How long they did so, ms. */
  get flushedMs(): number {
    return this.#allFlushedMs
  }

  /** Told by broadcasts how long they held the event loop to write to their players. */
  countFlush(durationMs: number): void {
    this.#flushedMs += durationMs
    this.#allFlushedMs += durationMs
    this.#flushes++
  }

  /** Takes one look at the event loop, and changes what is due. Called by its own timer. */
  sample(): void {
    const utilisation = this.#utilisation()
    const flushShare = this.#takeFlushShare()
    if (utilisation > BUSY_UTILISATION) {
      this.#idleSamples = 0
      // What takes the time is done less often; neither, if it is something else.
      this.#moveTo(
        {
          write: this.#step + Number(flushShare >= MIN_FLUSH_SHARE),
          read: this.#readStep + Number(this.#holders >= MANY_BROADCASTS),
        },
        utilisation,
      )
      return
    }
    this.#idleSamples = utilisation < IDLE_UTILISATION ? this.#idleSamples + 1 : 0
    if (this.#idleSamples >= IDLE_SAMPLES) {
      this.#idleSamples = 0
      this.#moveTo({ write: this.#step - 1, read: this.#readStep - 1 }, utilisation)
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

  /** Takes other steps, no further than there are any. */
  #moveTo({ write, read }: { write: number; read: number }, utilisation: number): void {
    const eventLoopUtilisation = Number(utilisation.toFixed(2))
    const step = this.#adapting === 0 ? this.#step : clamp(write, FLUSH_INTERVALS_MS.length - 1)
    if (step !== this.#step) {
      this.#step = step
      this.#changes++
      this.#logger.info({ intervalMs: this.intervalMs, eventLoopUtilisation }, 'flush interval changed')
    }
    const readStep = clamp(read, READ_LATENESS_MS.length - 1)
    if (readStep !== this.#readStep) {
      this.#readStep = readStep
      this.#logger.info(
        { mayBeLateMs: this.mayBeLateMs, eventLoopUtilisation },
        'publishers are read less often, or more',
      )
    }
  }
}

function clamp(step: number, last: number): number {
  return Math.min(Math.max(step, 0), last)
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
