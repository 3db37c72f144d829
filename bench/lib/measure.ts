import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchServer, RunningServer } from '../servers/server.ts'
import { APP_STREAM, Cast, startServer } from './cast.ts'
import { describeWindow } from './metrics.ts'
import { sampleProcesses } from './process-stats.ts'
import type { RunResult } from './results.ts'
import type { Run } from './scenario.ts'
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
  const server = await startServer(run, benchServer, intervalMs)
  const cast = new Cast(server, run.load)
  const stuck = new StuckPlayers()
  try {
    const metrics = await runWindow(server, cast, stuck, run, times, say)
    return { label: run.label, server: run.server, players: run.load.players, metrics, failure: null }
  } finally {
    stuck.leave()
    await cast.stop()
    await server.stop()
  }
}

async function runWindow(
  server: RunningServer,
  cast: Cast,
  stuck: StuckPlayers,
  run: Run,
  times: Times,
  say: (line: string) => void,
): Promise<RunResult['metrics']> {
  const { load } = run
  await cast.publish()
  // With a collection, where the server can: what players cost must not be what the publishers' start left behind.
  const innerEmpty = await server.innerMetrics()
  const empty = sampleProcesses(server.pids())
  await cast.play()
  say('joined, warming up')
  await sleep(times.warmupSeconds * 1000)

  if (load.stuck !== undefined && server.flvUrl !== null) {
    await stuck.join(`${server.flvUrl}${APP_STREAM}.flv`, load.stuck)
  }
  await server.beginWindow()
  const begin = await cast.sample()
  cast.joinLate()
  const seconds = Math.max(times.windowSeconds, run.atLeastSeconds ?? 0)
  let rssMaxBytes = begin.server.rssBytes
  for (let second = 1; second < seconds; second++) {
    await sleep(1000)
    rssMaxBytes = Math.max(rssMaxBytes, sampleProcesses(server.pids()).rssBytes)
    say(`${second} of ${seconds} s`)
  }
  await sleep(1000)
  const end = await cast.sample()
  if (server.watchLoop !== null) {
    say('watching the event loop')
    await server.watchLoop()
    await sleep(times.watchSeconds * 1000)
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
    joiners: await cast.lateSnapshot(),
  })
}
