import { type LoadSnapshot, mergeSnapshots } from '../../src/load/counters.ts'
import type { BenchServer, RunningServer } from '../servers/server.ts'
import { LoadChildren } from './load.ts'
import type { Sample } from './metrics.ts'
import { sampleMachine, sampleProcesses } from './process-stats.ts'
import { FRAMES_PER_SECOND, GOP_FRAMES, type Load, type Run } from './scenario.ts'

/** Players that one load process reads for; more would make it the slowest part. */
const PLAYERS_PER_PROCESS = 5_000
/** Joins a second before the window. */
const JOINS_PER_SECOND = 500
/** Where all streams of a load are; with more than one, numbers follow. */
export const APP_STREAM = '/live/bench'

/**
 * Starts the server of a run.
 * @param intervalMs between two writes to a player, of the floor
 */
export function startServer(
  { load, broadcast = {} }: Run,
  server: BenchServer,
  intervalMs: number,
): Promise<RunningServer> {
  return server.start({
    broadcast,
    tls: load.protocol === 'rtmps' || load.protocol === 'https-flv',
    intervalMs,
    bytesPerWrite: (load.kbps * intervalMs) / 8,
    writesPerKeyframe: Math.max(1, Math.round((GOP_FRAMES * 1000) / FRAMES_PER_SECOND / intervalMs)),
  })
}

/** Those who publish and play on one server, in processes of their own. */
export class Cast {
  readonly #server: RunningServer
  readonly #load: Load
  #publishers: LoadChildren | null = null
  /** Players that only read. */
  #crowd: LoadChildren | null = null
  /** Players that parse all they get, in a process that has nothing else to do. */
  #sampled: LoadChildren | null = null
  #joiners: LoadChildren | null = null

  /** @param load what they do */
  constructor(server: RunningServer, load: Load) {
    this.#server = server
    this.#load = load
  }

  /** Begins to publish; resolves when all have an answer. The floor has no publishers. */
  async publish(): Promise<void> {
    const { rtmpUrl } = this.#server
    if (rtmpUrl !== null) {
      this.#publishers = LoadChildren.start('publishers', {
        url: `${rtmpUrl}${APP_STREAM}`,
        publishers: this.#load.streams,
        bitrate: this.#load.kbps * 1000,
        framesPerSecond: FRAMES_PER_SECOND,
        gopFrames: GOP_FRAMES,
      })
      await this.#publishers.joined()
    }
  }

  /** Crowd and sampled players join side by side: whatever order the server writes in, the sampled ones are all over it. */
  async play(): Promise<void> {
    const { players, sampled } = this.#load
    const crowd = players - sampled
    const rampSeconds = players / JOINS_PER_SECOND
    if (crowd > 0) {
      this.#crowd = this.#startPlayers('players', crowd, 0, rampSeconds)
    }
    if (sampled > 0) {
      this.#sampled = this.#startPlayers('sampled players', sampled, sampled, rampSeconds)
    }
    await Promise.all([this.#crowd?.joined(), this.#sampled?.joined()])
  }

  /** Those who come within the window, if there are any, begin to. */
  joinLate(): void {
    const { joiners, joinSeconds = 1 } = this.#load
    if (joiners !== undefined) {
      this.#joiners = this.#startPlayers('joiners', joiners, 0, joinSeconds)
    }
  }

  /** What those counted who come within the window; null without any. */
  async lateSnapshot(): Promise<LoadSnapshot | null> {
    return (await this.#joiners?.snapshot()) ?? null
  }

  /** The largest gaps are from now on those of what comes next. */
  async forgetGaps(): Promise<void> {
    await Promise.all([this.#crowd, this.#sampled].map((children) => children?.forgetGaps()))
  }

  /** Everything now. */
  async sample(): Promise<Sample> {
    const watching = [this.#crowd, this.#sampled].filter((children) => children !== null)
    const everybody = [this.#publishers, this.#joiners, ...watching].filter((children) => children !== null)
    const [publishers, ...players] = await Promise.all([
      this.#publishers?.snapshot() ?? null,
      ...watching.map((children): Promise<LoadSnapshot> => children.snapshot()),
    ])
    return {
      at: performance.now(),
      server: sampleProcesses(this.#server.pids()),
      load: sampleProcesses(everybody.flatMap(({ pids }) => pids)),
      machine: sampleMachine(),
      publishers: publishers ?? null,
      players: players.length === 0 ? null : mergeSnapshots(players.filter((each) => each !== null)),
    }
  }

  /** They leave; resolves when they are gone. */
  async stop(): Promise<void> {
    const everybody = [this.#crowd, this.#sampled, this.#joiners, this.#publishers]
    await Promise.all(everybody.map((children) => children?.stop()))
  }

  #startPlayers(name: string, players: number, sampledPlayers: number, rampSeconds: number): LoadChildren {
    const { rtmpUrl, flvUrl, wsUrl, tlsUrls } = this.#server
    const urls = {
      rtmp: rtmpUrl,
      'http-flv': flvUrl,
      'ws-flv': wsUrl,
      rtmps: tlsUrls?.rtmps ?? null,
      'https-flv': tlsUrls?.https ?? null,
    }
    // The floor knows no RTMP: what is written matters, not how it was asked for.
    const protocol = rtmpUrl === null ? 'http-flv' : this.#load.protocol
    const base = urls[protocol]
    if (base === null) {
      throw new Error(`the server has no ${protocol}`)
    }
    const url = `${base}${APP_STREAM}${protocol.startsWith('rtmp') ? '' : '.flv'}`
    const streams = rtmpUrl === null ? 1 : this.#load.streams
    const processes = Math.ceil(players / PLAYERS_PER_PROCESS)
    const options = { url, players, sampledPlayers, streams, rampSeconds, insecure: true }
    return LoadChildren.start(name, options, processes)
  }
}
