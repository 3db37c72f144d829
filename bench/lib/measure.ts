import type { LoadSnapshot } from '../../src/load/index.ts'
import type { BenchServer, InnerMetrics, RunningServer } from '../servers/server.ts'
import { between, hasJoined, LoadChild } from './load.ts'
import { type MachineSample, type ProcessSample, sampleMachine, sampleProcesses } from './process-stats.ts'
import type { Metric, RunResult } from './results.ts'
import { FRAMES_PER_SECOND, GOP_FRAMES, type Load, type Run } from './scenario.ts'
import { StuckPlayers } from './stuck-players.ts'

/** How long a run takes. */
export type Times = Readonly<{
  /** Between the last join and the first measured second. */
  warmupSeconds: number
  /** What is measured. */
  windowSeconds: number
}>

/** Players that one load process reads for; more would make it the slowest part. */
const PLAYERS_PER_PROCESS = 5_000
/** Joins a second before the window. */
const JOINS_PER_SECOND = 500
/** Who has no answer after so long has none, ms. */
const JOIN_TIMEOUT_MS = 60_000
const APP_STREAM = '/live/bench'

/** Everything at one moment. */
type Sample = Readonly<{
  /** Milliseconds. */
  at: number
  server: ProcessSample
  load: ProcessSample
  machine: MachineSample
  publishers: LoadSnapshot | null
  players: LoadSnapshot | null
}>

/** What takes part in a run, in the order in which it begins; ends in the other. */
type Parts = {
  readonly server: RunningServer
  publishers: LoadChild | null
  players: LoadChild | null
  joiners: LoadChild | null
  readonly stuck: StuckPlayers
}

/**
 * Puts one server under one load and measures it. Everything it starts is gone when it resolves.
 * @param intervalMs between two writes to a player, of the floor
 * @param say told what happens, a line at a time
 */
export async function measure(
  run: Run,
  benchServer: BenchServer,
  intervalMs: number,
  times: Times,
  say: (line: string) => void,
): Promise<RunResult> {
  const { load, label } = run
  const server = await benchServer.start({
    broadcast: run.broadcast ?? {},
    intervalMs,
    bytesPerWrite: (load.kbps * intervalMs) / 8,
    writesPerKeyframe: Math.max(1, Math.round((GOP_FRAMES * 1000) / FRAMES_PER_SECOND / intervalMs)),
  })
  const parts: Parts = { server, publishers: null, players: null, joiners: null, stuck: new StuckPlayers() }
  try {
    const metrics = await runWindow(parts, run, times, say)
    return { label, server: run.server, metrics, failure: null }
  } finally {
    parts.stuck.leave()
    await Promise.all([parts.joiners?.stop(), parts.players?.stop(), parts.publishers?.stop()])
    await server.stop()
  }
}

async function runWindow(
  parts: Parts,
  run: Run,
  times: Times,
  say: (line: string) => void,
): Promise<RunResult['metrics']> {
  const { server } = parts
  const { load } = run
  if (server.rtmpUrl !== null) {
    parts.publishers = startPublishers(server.rtmpUrl, load)
    await joined(parts.publishers, { players: 0, publishers: load.streams })
  }
  // With a collection, where the server can: what players cost must not be what the publishers' start left behind.
  await server.innerMetrics()
  const empty = sampleProcesses(server.pids())
  if (load.players > 0) {
    parts.players = startPlayers('players', server, load, load.players, load.players / JOINS_PER_SECOND)
    await joined(parts.players, { players: load.players, publishers: 0 })
  }
  say('joined, warming up')
  await ticks(parts, times.warmupSeconds)

  if (load.stuck !== undefined && server.flvUrl !== null) {
    await parts.stuck.join(`${server.flvUrl}${APP_STREAM}.flv`, load.stuck)
  }
  await server.beginWindow()
  const begin = await sample(parts)
  if (load.joiners !== undefined) {
    parts.joiners = startPlayers('joiners', server, { ...load, sampled: 0 }, load.joiners, load.joinSeconds ?? 1)
  }
  let rssMaxBytes = begin.server.rssBytes
  let end = begin
  const seconds = Math.max(times.windowSeconds, run.atLeastSeconds ?? 0)
  while (end.at - begin.at < (seconds - 0.5) * 1000) {
    end = await sample(parts)
    rssMaxBytes = Math.max(rssMaxBytes, end.server.rssBytes)
    say(`${Math.round((end.at - begin.at) / 1000)} of ${seconds} s`)
  }
  const inner = await server.innerMetrics()
  const collected = sampleProcesses(server.pids())
  const joiners = (await parts.joiners?.next()) ?? null
  return {
    ...costMetrics(load, begin, end),
    ...latencyMetrics(begin, end),
    ...keyframeMetrics(joiners ?? end.players),
    ...memoryMetrics(load, { empty, begin: begin.server, end: end.server, collected, rssMaxBytes }),
    ...innerMetrics(inner, (end.at - begin.at) / 1000),
    ...(load.players > 0 ? { lost: lostPlayers(load, [end.players, joiners], inner) } : {}),
  }
}

function startPublishers(rtmpUrl: string, load: Load): LoadChild {
  return LoadChild.start('publishers', {
    url: `${rtmpUrl}${APP_STREAM}`,
    publishers: load.streams,
    bitrate: load.kbps * 1000,
    framesPerSecond: FRAMES_PER_SECOND,
    gopFrames: GOP_FRAMES,
  })
}

function startPlayers(
  name: string,
  server: RunningServer,
  load: Load,
  players: number,
  rampSeconds: number,
): LoadChild {
  const urls = {
    rtmp: server.rtmpUrl,
    'http-flv': server.flvUrl,
    'ws-flv': server.wsUrl,
  }
  // The floor knows no RTMP: what is written matters, not how it was asked for.
  const protocol = server.rtmpUrl === null ? 'http-flv' : load.protocol
  const base = urls[protocol]
  if (base === null) {
    throw new Error(`the server has no ${protocol}`)
  }
  return LoadChild.start(name, {
    url: `${base}${APP_STREAM}${protocol === 'rtmp' ? '' : '.flv'}`,
    players,
    streams: load.streams,
    sampledPlayers: load.sampled,
    rampSeconds,
    processes: Math.ceil(players / PLAYERS_PER_PROCESS),
  })
}

async function joined(child: LoadChild, size: Parameters<typeof hasJoined>[1]): Promise<void> {
  const deadline = performance.now() + JOIN_TIMEOUT_MS
  while (!hasJoined(await child.next(), size)) {
    if (performance.now() > deadline) {
      return
    }
  }
}

/** The part that tells the time: what it counted is known exactly once a second. */
function pacer({ players, publishers }: Parts): LoadChild {
  const child = players ?? publishers
  if (child === null) {
    throw new Error('a run without load')
  }
  return child
}

async function ticks(parts: Parts, count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) {
    await pacer(parts).next()
  }
}

async function sample(parts: Parts): Promise<Sample> {
  await pacer(parts).next()
  const loads = [parts.publishers, parts.players, parts.joiners].filter((child) => child !== null)
  return {
    at: performance.now(),
    server: sampleProcesses(parts.server.pids()),
    load: sampleProcesses(loads.map(({ pid }) => pid)),
    machine: sampleMachine(),
    publishers: parts.publishers?.latest ?? null,
    players: parts.players?.latest ?? null,
  }
}

function costMetrics(load: Load, begin: Sample, end: Sample): RunResult['metrics'] {
  const seconds = (end.at - begin.at) / 1000
  const user = end.server.cpu.user - begin.server.cpu.user
  const system = end.server.cpu.system - begin.server.cpu.system
  const sent = (end.publishers?.counts.bytesSent ?? 0) - (begin.publishers?.counts.bytesSent ?? 0)
  const received = (end.players?.counts.bytesReceived ?? 0) - (begin.players?.counts.bytesReceived ?? 0)
  const gigabytes = (load.players > 0 ? received : sent) / 1e9
  const loadCpu = cpuSeconds(end.load) - cpuSeconds(begin.load)
  const machine = end.machine.total - begin.machine.total
  return {
    cpuPerGb: (user + system) / gigabytes,
    cpuPerGbMoved: ((user + system) * 1e9) / (sent + received),
    userPerGb: user / gigabytes,
    systemPerGb: system / gigabytes,
    cores: (user + system) / seconds,
    gigabytes,
    ...(sent > 0 && load.players > 0 ? { deliveredShare: (received * load.streams) / (sent * load.players) } : {}),
    loadCores: loadCpu / seconds,
    machineBusy: (end.machine.busy - begin.machine.busy) / machine,
  }
}

function cpuSeconds({ cpu }: ProcessSample): number {
  return cpu.user + cpu.system
}

function latencyMetrics({ players: from }: Sample, { players: to }: Sample): RunResult['metrics'] {
  if (from === null || to === null) {
    return {}
  }
  const found = between(from.times.latency, to.times.latency).distribution
  if (found === null) {
    return {}
  }
  return {
    latencyP50Ms: found.p50,
    latencyP99Ms: found.p99,
    latencyMaxMs: found.max,
    largestGapMs: Math.max(0, ...to.sampled.map(({ largestGapMs }) => largestGapMs)),
  }
}

function keyframeMetrics(snapshot: LoadSnapshot | null): RunResult['metrics'] {
  const found = snapshot === null ? null : between(NOTHING, snapshot.times.firstKeyframe).distribution
  return found === null ? {} : { keyframeP50Ms: found.p50, keyframeP99Ms: found.p99 }
}

const NOTHING = { buckets: [], max: 0 }

function memoryMetrics(
  { players }: Load,
  at: Readonly<Record<'empty' | 'begin' | 'end' | 'collected', ProcessSample> & { rssMaxBytes: number }>,
): RunResult['metrics'] {
  const perPlayer = (at.collected.rssBytes - at.empty.rssBytes) / players
  return {
    rssMb: at.end.rssBytes / 1e6,
    rssMaxMb: at.rssMaxBytes / 1e6,
    rssGrowthMb: (at.end.rssBytes - at.begin.rssBytes) / 1e6,
    ...(players > 0 ? { kbPerPlayer: perPlayer / 1000 } : {}),
  }
}

function innerMetrics(inner: InnerMetrics, seconds: number): RunResult['metrics'] {
  const found: [Metric, number | undefined][] = [
    ['loopDelayP99Ms', inner.eventLoopDelayP99Ms],
    ['loopDelayMaxMs', inner.eventLoopDelayMaxMs],
    ['loopUtilization', inner.eventLoopUtilization],
    ['gcMaxMs', inner.gcMaxMs],
    ['gcShare', inner.gcTotalMs === undefined ? undefined : inner.gcTotalMs / 1000 / seconds],
    ['flushMs', inner.writesPerPlayerSecond === undefined ? undefined : 1000 / inner.writesPerPlayerSecond],
  ]
  return Object.fromEntries(found.filter(([, value]) => value !== undefined))
}

/** Players that were not let in, or not in time, or did not stay, or had to skip. */
function lostPlayers(load: Load, snapshots: readonly (LoadSnapshot | null)[], inner: InnerMetrics): number {
  const found = snapshots.filter((snapshot) => snapshot !== null)
  const here = found.reduce(
    (sum, { counts }) => sum + counts.playersAccepted - counts.playersDisconnected,
    -(inner.skips ?? 0),
  )
  return load.players + (load.joiners ?? 0) - here
}
