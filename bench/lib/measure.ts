import { setTimeout as sleep } from 'node:timers/promises'
import { type LoadSnapshot, mergeSnapshots } from '../../src/load/counters.ts'
import type { BenchServer, RunningServer } from '../servers/server.ts'
import { ApiPoller } from './api-poller.ts'
import { LoadChildren } from './load.ts'
import { describeWindow, type Sample } from './metrics.ts'
import { sampleMachine, sampleProcesses } from './process-stats.ts'
import type { RunResult } from './results.ts'
import { FRAMES_PER_SECOND, GOP_FRAMES, type Load, type Run } from './scenario.ts'
import { StuckPlayers } from './stuck-players.ts'

/** How long a run takes. */
export type Times = Readonly<{
  /** Between the last join and the first measured second. */
  warmupSeconds: number
  /** What is measured. */
  windowSeconds: number
  /** After that, watching the server's event loop. */
  watchSeconds: number
}>

/** Players that one load process reads for; more would make it the slowest part. */
const PLAYERS_PER_PROCESS = 5_000
/** Joins a second before the window. */
const JOINS_PER_SECOND = 500
const APP_STREAM = '/live/bench'

/** What takes part in a run beside the server, in the order in which it begins. */
type Cast = {
  publishers: LoadChildren | null
  /** Players that only read. */
  crowd: LoadChildren | null
  /** Players that parse all they get, in a process that has nothing else to do. */
  sampled: LoadChildren | null
  joiners: LoadChildren | null
  readonly stuck: StuckPlayers
  readonly poller: ApiPoller
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
    tls: load.protocol === 'rtmps' || load.protocol === 'https-flv',
    intervalMs,
    bytesPerWrite: (load.kbps * intervalMs) / 8,
    writesPerKeyframe: Math.max(1, Math.round((GOP_FRAMES * 1000) / FRAMES_PER_SECOND / intervalMs)),
  })
  const cast: Cast = {
    publishers: null,
    crowd: null,
    sampled: null,
    joiners: null,
    stuck: new StuckPlayers(),
    poller: new ApiPoller(),
  }
  try {
    const metrics = await runWindow(server, cast, run, times, say)
    return { label, server: run.server, players: load.players, metrics, failure: null }
  } finally {
    cast.stuck.leave()
    await cast.poller.stop()
    const { publishers, crowd, sampled, joiners } = cast
    await Promise.all([crowd, sampled, joiners, publishers].map((children) => children?.stop()))
    await server.stop()
  }
}

async function runWindow(
  server: RunningServer,
  cast: Cast,
  run: Run,
  times: Times,
  say: (line: string) => void,
): Promise<RunResult['metrics']> {
  const { load } = run
  if (server.rtmpUrl !== null) {
    cast.publishers = startPublishers(server.rtmpUrl, load)
    await cast.publishers.joined()
  }
  // With a collection, where the server can: what players cost must not be what the publishers' start left behind.
  const innerEmpty = await server.innerMetrics()
  const empty = sampleProcesses(server.pids())
  await joinPlayers(server, cast, load)
  say('joined, warming up')
  await sleep(times.warmupSeconds * 1000)

  if (load.stuck !== undefined && server.flvUrl !== null) {
    await cast.stuck.join(`${server.flvUrl}${APP_STREAM}.flv`, load.stuck)
  }
  if (run.polled && server.flvUrl !== null) {
    cast.poller.start(server.flvUrl)
  }
  await server.beginWindow()
  const begin = await takeSample(server, cast)
  if (load.joiners !== undefined) {
    cast.joiners = startPlayers('joiners', server, load, load.joiners, 0, load.joinSeconds ?? 1)
  }
  const seconds = Math.max(times.windowSeconds, run.atLeastSeconds ?? 0)
  let rssMaxBytes = begin.server.rssBytes
  for (let second = 1; second < seconds; second++) {
    await sleep(1000)
    rssMaxBytes = Math.max(rssMaxBytes, sampleProcesses(server.pids()).rssBytes)
    say(`${second} of ${seconds} s`)
  }
  await sleep(1000)
  const end = await takeSample(server, cast)
  if (server.watchLoop !== null) {
    say('watching the event loop')
    await server.watchLoop()
    await sleep(times.watchSeconds * 1000)
  }
  const polls = await cast.poller.stop()
  if (polls !== null) {
    say(polls)
  }
  const inner = await server.innerMetrics()
  return describeWindow({
    load,
    begin,
    end,
    empty,
    innerEmpty,
    rssMaxBytes: Math.max(rssMaxBytes, end.server.rssBytes),
    collected: sampleProcesses(server.pids()),
    inner,
    joiners: (await cast.joiners?.snapshot()) ?? null,
  })
}

function startPublishers(rtmpUrl: string, load: Load): LoadChildren {
  return LoadChildren.start('publishers', {
    url: `${rtmpUrl}${APP_STREAM}`,
    publishers: load.streams,
    bitrate: load.kbps * 1000,
    framesPerSecond: FRAMES_PER_SECOND,
    gopFrames: GOP_FRAMES,
  })
}

/** Crowd and sampled players join side by side: whatever order the server writes in, the sampled ones are all over it. */
async function joinPlayers(server: RunningServer, cast: Cast, load: Load): Promise<void> {
  const crowd = load.players - load.sampled
  const rampSeconds = load.players / JOINS_PER_SECOND
  if (crowd > 0) {
    cast.crowd = startPlayers('players', server, load, crowd, 0, rampSeconds)
  }
  if (load.sampled > 0) {
    cast.sampled = startPlayers('sampled players', server, load, load.sampled, load.sampled, rampSeconds)
  }
  await Promise.all([cast.crowd?.joined(), cast.sampled?.joined()])
}

function startPlayers(
  name: string,
  server: RunningServer,
  load: Load,
  players: number,
  sampledPlayers: number,
  rampSeconds: number,
): LoadChildren {
  const urls = {
    rtmp: server.rtmpUrl,
    'http-flv': server.flvUrl,
    'ws-flv': server.wsUrl,
    rtmps: server.tlsUrls?.rtmps ?? null,
    'https-flv': server.tlsUrls?.https ?? null,
  }
  // The floor knows no RTMP: what is written matters, not how it was asked for.
  const protocol = server.rtmpUrl === null ? 'http-flv' : load.protocol
  const base = urls[protocol]
  if (base === null) {
    throw new Error(`the server has no ${protocol}`)
  }
  const url = `${base}${APP_STREAM}${protocol.startsWith('rtmp') ? '' : '.flv'}`
  const { streams } = server.rtmpUrl === null ? { streams: 1 } : load
  const processes = Math.ceil(players / PLAYERS_PER_PROCESS)
  const options = { url, players, sampledPlayers, streams, rampSeconds, insecure: true }
  return LoadChildren.start(name, options, processes)
}

async function takeSample(server: RunningServer, cast: Cast): Promise<Sample> {
  const watching = [cast.crowd, cast.sampled].filter((children) => children !== null)
  const everybody = [cast.publishers, cast.joiners, ...watching].filter((children) => children !== null)
  const [publishers, ...players] = await Promise.all([
    cast.publishers?.snapshot() ?? null,
    ...watching.map((children): Promise<LoadSnapshot> => children.snapshot()),
  ])
  return {
    at: performance.now(),
    server: sampleProcesses(server.pids()),
    load: sampleProcesses(everybody.flatMap(({ pids }) => pids)),
    machine: sampleMachine(),
    publishers: publishers ?? null,
    players: players.length === 0 ? null : mergeSnapshots(players.filter((each) => each !== null)),
  }
}
