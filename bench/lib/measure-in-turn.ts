import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchServer, WatchedWindows } from '../servers/server.ts'
import { ApiPoller } from './api-poller.ts'
import { Cast, startServer } from './cast.ts'
import { describeTurn } from './metrics.ts'
import { sampleProcesses } from './process-stats.ts'
import { median } from './ratio.ts'
import { METRICS, type Metric, type RunResult } from './results.ts'
import type { Run, Turns } from './scenario.ts'

type Metrics = RunResult['metrics']

/** What each window needs. */
type Stage = Readonly<{
  windows: WatchedWindows
  cast: Cast
  poller: ApiPoller
  run: Run
}>

/**
 * Puts one server under one load, and leaves it alone and polls its API in turn; both are measured in each pair of windows. Everything it
 * starts is gone when it resolves.
 * @param runs names of windows left alone and polled; the first one's server and load are what is measured
 * @param warmupSeconds before the first window: left alone for so long, and polled for as long
 * @param say told what happens, a line at a time
 * @returns a result for each of `runs`
 * @throws Error if not everybody could join, or the API does not answer
 */
export async function measureInTurn(
  runs: readonly [leftAlone: Run, polled: Run],
  benchServer: BenchServer,
  turns: Turns,
  warmupSeconds: number,
  say: (line: string) => void,
): Promise<RunResult[]> {
  const [run] = runs
  const server = await startServer(run, benchServer, 1)
  const cast = new Cast(server, run.load)
  const { windows, flvUrl } = server
  const poller = flvUrl === null ? null : new ApiPoller(flvUrl)
  try {
    if (windows === undefined || poller === null) {
      throw new Error(`${run.server} can't be measured in turn`)
    }
    const stage: Stage = { windows, cast, poller, run }
    await join(stage)
    say('joined, warming up')
    await warmUp(poller, warmupSeconds)
    const found = await measurePairs(stage, turns, say)
    return runs.map(({ label, server: name, load }, index) => {
      const ofRun = found.map((pair) => pair[index] ?? {})
      return {
        label,
        server: name,
        players: load.players,
        metrics: medians(ofRun),
        windows: ofRun,
        failure: null,
      }
    })
  } finally {
    await poller?.stop()
    await cast.stop()
    await server.stop()
  }
}

async function join({ cast, run }: Stage): Promise<void> {
  await cast.publish()
  await cast.play()
  const { players } = await cast.sample()
  const here = (players?.counts.playersAccepted ?? 0) - (players?.counts.playersDisconnected ?? 0)
  if (here < run.load.players) {
    const reasons = Object.entries(players?.reasons ?? {}).map(([reason, count]) => `${count} x ${reason}`)
    throw new Error(`of ${run.load.players} players ${here} could join: ${reasons.join(', ')}`)
  }
}

/** What is only compiled or kept when the API is asked must not be a matter of the first polled window. */
async function warmUp(poller: ApiPoller, seconds: number): Promise<void> {
  await sleep(seconds * 1000)
  await poller.begin()
  await sleep(seconds * 1000)
  await poller.end()
}

/** @returns what windows left alone and polled had, a pair at a time */
async function measurePairs(
  stage: Stage,
  { pairs, windowSeconds, restSeconds }: Turns,
  say: (line: string) => void,
): Promise<[leftAlone: Metrics, polled: Metrics][]> {
  const found: [Metrics, Metrics][] = []
  let polling = false
  for (let pair = 0; pair < pairs; pair++) {
    const both: [Metrics, Metrics] = [{}, {}]
    for (const polled of pair % 2 === 0 ? [false, true] : [true, false]) {
      if (polled !== polling) {
        await (polled ? stage.poller.begin() : stage.poller.end())
        polling = polled
      }
      await sleep(restSeconds * 1000)
      both[polled ? 1 : 0] = await measureWindow(stage, polled, windowSeconds)
      say(`pair ${pair + 1} of ${pairs}`)
    }
    found.push(both)
  }
  if (polling) {
    await stage.poller.end()
  }
  return found
}

async function measureWindow(
  { windows, cast, poller, run }: Stage,
  polled: boolean,
  seconds: number,
): Promise<Metrics> {
  await cast.forgetGaps()
  await poller.tell()
  const pollerBefore = sampleProcesses([poller.pid]).cpuTotal
  const { skips = 0 } = await windows.open()
  const begin = await cast.sample()
  await sleep(seconds * 1000)
  const end = await cast.sample()
  const inner = await windows.close()
  const polls = await poller.tell()
  const pollerCpu = sampleProcesses([poller.pid]).cpuTotal - pollerBefore
  return describeTurn({
    ...{ load: run.load, begin, end, inner, skipsBefore: skips, pollerCpu },
    polls: polled ? polls : null,
  })
}

/** Of windows: the middle of what they had, so that one in which the machine did something else is no matter. What is counted is summed. */
function medians(windows: readonly Metrics[]): Metrics {
  const metrics = (Object.keys(METRICS) as Metric[]).flatMap((metric) => {
    const values = windows.flatMap((window) => window[metric] ?? [])
    const counted = metric === 'lost' || metric === 'skips'
    return values.length === 0
      ? []
      : [[metric, counted ? values.reduce((sum, value) => sum + value, 0) : median(values)] as const]
  })
  return Object.fromEntries(metrics)
}
