import type { LoadSnapshot } from '../../src/load/counters.ts'
import { Histogram } from '../../src/load/histogram.ts'
import type { InnerMetrics } from '../servers/server.ts'
import type { ApiPolls } from './api-poller.ts'
import type { MachineSample, ProcessSample } from './process-stats.ts'
import type { Metric, RunResult } from './results.ts'
import type { Load } from './scenario.ts'

/** Everything at one moment. */
export type Sample = Readonly<{
  /** Milliseconds of any clock. */
  at: number
  /** The server's processes. */
  server: ProcessSample
  /** The load generator's. */
  load: ProcessSample
  /** The whole machine. */
  machine: MachineSample
  /** What the publishers counted; null without any. */
  publishers: LoadSnapshot | null
  /** What the players counted; null without any. */
  players: LoadSnapshot | null
}>

/** What was seen of a run. */
export type Window = Readonly<{
  /** What was done to the server. */
  load: Load
  /** The first moment. */
  begin: Sample
  /** The last. */
  end: Sample
  /** The server before its first player. */
  empty: ProcessSample
  /** What the server told then. */
  innerEmpty: InnerMetrics
  /** The server after the end and a collection of garbage. */
  collected: ProcessSample
  /** The most that was seen of its resident memory. */
  rssMaxBytes: number
  /** What the server told. */
  inner: InnerMetrics
  /** What players counted that came within the window; null without any. */
  joiners: LoadSnapshot | null
}>

/** What was seen of one of several windows of a server. */
export type Turn = Readonly<{
  /** What was done to the server, beside being polled. */
  load: Load
  /** The first moment. */
  begin: Sample
  /** The last. */
  end: Sample
  /** What the server told. */
  inner: InnerMetrics
  /** How often its players had skipped when it began. */
  skipsBefore: number
  /** What the API answered; null if nothing was asked. */
  polls: ApiPolls | null
  /** Processor time of who polls, seconds. */
  pollerCpu: number
}>

/** Fewer are not writes to players: the server uses another call for them. */
const MIN_WRITES_PER_SECOND = 0.5

type Metrics = RunResult['metrics']

/** The numbers of a run. */
export function describeWindow(window: Window): Metrics {
  return {
    ...costMetrics(window),
    ...latencyMetrics(window),
    ...memoryMetrics(window),
    ...innerMetrics(window),
    ...(window.load.players > 0 ? { lost: lostPlayers(window) } : {}),
  }
}

/** The numbers of one window of several. */
export function describeTurn({ polls, pollerCpu, skipsBefore, ...turn }: Turn): Metrics {
  const { begin, end } = turn
  const seconds = (end.at - begin.at) / 1000
  const inner = { ...turn.inner, skips: (turn.inner.skips ?? 0) - skipsBefore }
  const window = { ...turn, inner, joiners: null }
  // Everybody came before the first window, and met with the first keyframe there.
  const { keyframeP50Ms, keyframeP99Ms, ...latency } = latencyMetrics(window)
  return {
    ...costMetrics(window),
    ...latency,
    rssMb: end.server.rssBytes / 1e6,
    ...innerMetrics(window),
    mainThreadWait: (end.server.mainThreadWait - begin.server.mainThreadWait) / seconds,
    lost: lostWithin(window),
    ...(polls === null
      ? {}
      : {
          pollsPerSecond: polls.rounds / seconds,
          pollMb: polls.bytes / 1e6 / seconds,
          slowestPollMs: polls.slowestMs,
          pollerCores: pollerCpu / seconds,
        }),
  }
}

type Seen = Pick<Window, 'load' | 'begin' | 'end' | 'inner' | 'joiners'>

function costMetrics({ load, begin, end, joiners }: Seen): Metrics {
  const seconds = (end.at - begin.at) / 1000
  const cpu = end.server.cpuTotal - begin.server.cpuTotal
  const user = end.server.cpu.user - begin.server.cpu.user
  const system = end.server.cpu.system - begin.server.cpu.system
  const sent = (end.publishers?.counts.bytesSent ?? 0) - (begin.publishers?.counts.bytesSent ?? 0)
  const watched = (end.players?.counts.bytesReceived ?? 0) - (begin.players?.counts.bytesReceived ?? 0)
  const received = watched + (joiners?.counts.bytesReceived ?? 0)
  const gigabytes = (load.players > 0 ? received : sent) / 1e9
  const { busy, total } = end.machine
  const share = (watched * load.streams) / (sent * load.players)
  return {
    cpuPerGb: cpu / gigabytes,
    cpuPerGbMoved: (cpu * 1e9) / (sent + received),
    userPerGb: user / gigabytes,
    systemPerGb: system / gigabytes,
    mainThreadPerGb: (end.server.mainThread - begin.server.mainThread) / gigabytes,
    cores: cpu / seconds,
    gigabytes,
    ...(sent > 0 && load.players > 0 ? { deliveredShare: share } : {}),
    loadCores: (end.load.cpuTotal - begin.load.cpuTotal) / seconds,
    machineBusy: (busy - begin.machine.busy) / (total - begin.machine.total),
  }
}

function latencyMetrics({ begin, end, joiners }: Seen): Metrics {
  const { players } = end
  if (players === null) {
    return {}
  }
  const earlier = begin.players?.times.latency
  const whole = new Histogram(players.times.latency)
  const latency = (earlier === undefined ? whole : whole.since(earlier)).distribution
  const keyframe = new Histogram((joiners ?? players).times.firstKeyframe).distribution
  const gaps = players.sampled.map(({ largestGapMs }) => largestGapMs)
  return present([
    ['latencyP50Ms', latency?.p50],
    ['latencyP99Ms', latency?.p99],
    ['latencyMaxMs', latency?.max],
    ['largestGapMs', gaps.length === 0 ? undefined : Math.max(...gaps)],
    ['keyframeP50Ms', keyframe?.p50],
    ['keyframeP99Ms', keyframe?.p99],
  ])
}

function memoryMetrics(window: Window): Metrics {
  const { load, begin, end, empty, collected, innerEmpty, inner } = window
  const players = load.players + (load.joiners ?? 0)
  const [used, usedBefore] = [inner.usedBytes, innerEmpty.usedBytes]
  const heapGrowth = used === undefined || usedBefore === undefined ? undefined : used - usedBefore
  return present([
    ['rssMb', end.server.rssBytes / 1e6],
    ['rssMaxMb', window.rssMaxBytes / 1e6],
    ['rssGrowthMb', (end.server.rssBytes - begin.server.rssBytes) / 1e6],
    ['kbPerPlayer', players > 0 ? (collected.rssBytes - empty.rssBytes) / players / 1000 : undefined],
    ['heapKbPerPlayer', players > 0 && heapGrowth !== undefined ? heapGrowth / players / 1000 : undefined],
  ])
}

function innerMetrics({ load, inner, begin, end }: Seen): Metrics {
  const seconds = (end.at - begin.at) / 1000
  const { gcTotalMs, gcCount, majorGcCount } = inner
  const writesPerSecond = (end.server.writes - begin.server.writes) / load.players / seconds
  const steady = load.players > 0 && load.joiners === undefined && load.stuck === undefined
  return present([
    ['loopDelayP99Ms', inner.eventLoopDelayP99Ms],
    ['loopDelayMaxMs', inner.eventLoopDelayMaxMs],
    ['loopUtilization', inner.eventLoopUtilization],
    ['gcPerSecond', gcCount === undefined ? undefined : gcCount / seconds],
    ['majorGcPerSecond', majorGcCount === undefined ? undefined : majorGcCount / seconds],
    ['gcMaxMs', inner.gcMaxMs],
    ['skips', inner.skips],
    ['gcShare', gcTotalMs === undefined ? undefined : gcTotalMs / 1000 / seconds],
    ['flushMs', steady && writesPerSecond >= MIN_WRITES_PER_SECOND ? 1000 / writesPerSecond : undefined],
  ])
}

/** Players that were not let in, or not in time, or did not stay, or missed frames. */
function lostPlayers({ load, end, joiners, inner }: Window): number {
  const expected = load.players + (load.joiners ?? 0)
  const found = [end.players, joiners].filter((snapshot) => snapshot !== null)
  const here = found.reduce((sum, { counts }) => sum + counts.playersAccepted - counts.playersDisconnected, 0)
  const sampled = found.flatMap((snapshot) => snapshot.sampled)
  const missedFrames = sampled.filter(({ framesMissing }) => framesMissing > 0).length
  // The server knows of all its players, if it counts; of others only the sampled ones are known.
  return expected - here + Math.max(inner.skips ?? 0, missedFrames)
}

/** Of players who are there when the window begins: those who left within it, and how often somebody missed frames. */
function lostWithin({ begin, end, inner }: Seen): number {
  const left =
    (end.players?.counts.playersDisconnected ?? 0) - (begin.players?.counts.playersDisconnected ?? 0)
  const missedFrames = (end.players?.sampled ?? []).filter(
    ({ framesMissing }, index) => framesMissing > (begin.players?.sampled[index]?.framesMissing ?? 0),
  ).length
  return left + Math.max(inner.skips ?? 0, missedFrames)
}

function present(found: readonly (readonly [Metric, number | undefined])[]): Metrics {
  return Object.fromEntries(found.filter(([, value]) => value !== undefined))
}
