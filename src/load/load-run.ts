import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { findAddress, serverNameFor, type TlsClientOptions } from '../net/index.ts'
import { LoadCounters, type LoadProcess, type LoadSnapshot } from './counters.ts'
import type { LoadPart, LoadWorker } from './load-worker.ts'
import { MediaProbe } from './media-probe.ts'
import { type LoadPlan, shareOf } from './options.ts'
import { Player, type PlayerContext } from './player.ts'
import { Publisher, type PublisherContext } from './publisher.ts'
import { machineNow } from './stamp.ts'
import { SyntheticMedia } from './synthetic-stream.ts'
import { type LoadTarget, streamNames } from './target.ts'

/** Everything that is read goes through one buffer of this size, bytes: as much as the event loop reads at once. */
const READ_BUFFER_BYTES: number = 64 * 1024
/** How often players show that they are there, ms; servers that ask for it ask every minute or so. */
const KEEP_ALIVE_INTERVAL_MS = 20_000
/** How often joins that are due are begun, ms. */
const JOIN_INTERVAL_MS = 10
/** Resolution of the measured event loop delay, ms: a delay is told with it in it. */
const DELAY_RESOLUTION_MS = 10

/** So much of a stream may wait for a server that takes nothing, s, before messages of it are dropped. */
const MAX_WAITING_SECONDS = 2
/** And so much in any case, as a keyframe goes out at once, bytes. */
const MIN_WAITING_LIMIT_BYTES: number = 1024 * 1024

/** One part of a load, made in this process. */
export class LoadRun implements LoadWorker {
  readonly #plan: LoadPlan
  readonly #part: LoadPart
  readonly #counters = new LoadCounters()
  readonly #buffer: Uint8Array = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)
  readonly #media: SyntheticMedia | null
  readonly #publishers: Publisher[] = []
  readonly #players: Player[] = []
  readonly #probes: MediaProbe[] = []
  readonly #cpuAtStart: NodeJS.CpuUsage = process.cpuUsage()
  readonly #utilizationAtStart: ReturnType<typeof performance.eventLoopUtilization> =
    performance.eventLoopUtilization()
  readonly #delay: ReturnType<typeof monitorEventLoopDelay> = monitorEventLoopDelay({
    resolution: DELAY_RESOLUTION_MS,
  })
  readonly #keepAliveTimer: NodeJS.Timeout
  #over = false

  /** @throws ServerError ERR_CONFIGURATION if what shall be published can't be */
  constructor(plan: LoadPlan, part: LoadPart) {
    this.#plan = plan
    this.#part = part
    this.#media = plan.publishers === 0 ? null : new SyntheticMedia(plan)
    this.#delay.enable()
    this.#keepAliveTimer = setInterval(() => this.#keepAlive(), KEEP_ALIVE_INTERVAL_MS)
  }

  async publish(): Promise<void> {
    const { publish: target, publishers, publishRampSeconds, bitrate } = this.#plan
    const media = this.#media
    if (media === null) {
      return
    }
    const address = await findAddress(target.host, target.port)
    const context: PublisherContext = {
      ...{ target, address, media },
      tls: tlsFor(target, this.#plan.insecure),
      buffer: this.#buffer,
      counters: this.#counters,
      maxWaitingBytes: Math.max(MIN_WAITING_LIMIT_BYTES, (bitrate / 8) * MAX_WAITING_SECONDS),
    }
    const names = streamNames(target.stream, publishers)
    await this.#spread(publishers, publishRampSeconds, (index) => {
      const publisher = new Publisher(context, names[index] ?? target.stream)
      this.#publishers.push(publisher)
      publisher.begin()
    })
    await Promise.all(this.#publishers.map(({ answered }) => answered))
  }

  async play(): Promise<void> {
    const { play: target, players, playRampSeconds, streams, stallMs } = this.#plan
    if (players > 0) {
      const address = await findAddress(target.host, target.port)
      const context: PlayerContext = {
        ...{ target, address, stallMs },
        tls: tlsFor(target, this.#plan.insecure),
        buffer: this.#buffer,
        counters: this.#counters,
      }
      const names = streamNames(target.stream, streams)
      await this.#spread(players, playRampSeconds, (index) => {
        const stream = names[index % streams] ?? target.stream
        const player = new Player(context, stream, this.#probeFor(this.#players.length, stream))
        this.#players.push(player)
        player.begin()
      })
    }
    this.#counters.beginSteady(machineNow())
  }

  /** The largest gaps, of all players and of each that is sampled, are from now on those of what comes next. */
  forgetGaps(): void {
    this.#counters.largestReadGapMs = 0
    for (const probe of this.#probes) {
      probe.forgetGaps()
    }
  }

  snapshot(): LoadSnapshot {
    const sampled = this.#probes.map(({ report }) => report)
    return this.#counters.snapshot(machineNow(), sampled, this.#process())
  }

  async end(): Promise<LoadSnapshot> {
    this.#over = true
    clearInterval(this.#keepAliveTimer)
    // Players note what was silent until now, which belongs into the snapshot; nothing is read before it is taken.
    const left = this.#players.map((player) => player.end())
    const snapshot = this.snapshot()
    this.#delay.disable()
    await Promise.all(left)
    await Promise.all(this.#publishers.map((publisher) => publisher.end()))
    return snapshot
  }

  /** The process's players that are sampled are spread evenly over the order in which they join. */
  #probeFor(place: number, stream: string): MediaProbe | null {
    const { index, processes } = this.#part
    const players = shareOf(this.#plan.players, index, processes)
    const sampled = shareOf(this.#plan.sampledPlayers, index, processes)
    if ((place * sampled) % players >= sampled) {
      return null
    }
    const probe = new MediaProbe({
      stream,
      stallMs: this.#plan.stallMs,
      onLatency: (latencyMs) => this.#counters.recordLatency(latencyMs),
    })
    this.#probes.push(probe)
    return probe
  }

  /** Begins this part's share of `count`, evenly over so long: with two processes, every second one. */
  async #spread(count: number, seconds: number, begin: (index: number) => void): Promise<void> {
    const start = machineNow()
    const { index: first, processes } = this.#part
    for (let index = first; !this.#over; ) {
      const part = seconds === 0 ? 1 : Math.min(1, (machineNow() - start) / 1000 / seconds)
      for (; index < count && index <= part * count; index += processes) {
        begin(index)
      }
      if (part === 1) {
        return
      }
      await delay(JOIN_INTERVAL_MS)
    }
  }

  #keepAlive(): void {
    for (const player of this.#players) {
      player.keepAlive()
    }
  }

  #process(): LoadProcess {
    const { user, system } = process.cpuUsage(this.#cpuAtStart)
    const delayMs = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS) : 0
    return {
      cpuSeconds: (user + system) / 1e6,
      eventLoopUtilization: performance.eventLoopUtilization(this.#utilizationAtStart).utilization,
      eventLoopDelayP99Ms: delayMs(this.#delay.percentile(99)),
      eventLoopDelayMaxMs: delayMs(this.#delay.max),
      residentBytes: process.memoryUsage.rss(),
    }
  }
}

function tlsFor({ tls, host }: LoadTarget, insecure: boolean): TlsClientOptions | null {
  return tls ? { rejectUnauthorized: !insecure, ...serverNameFor(host) } : null
}
