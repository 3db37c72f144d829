/**
 * The bench: runs the same load on our server and on others in turn, and prints what it cost. `npm run bench -- --help`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isProgram, REPOSITORY } from '../scripts/lib/files.ts'
import { stopAllOnSignals } from './lib/child.ts'
import { describeMachine, describeRevision, openFilesLimit } from './lib/machine.ts'
import { failures, resultsTable, targetRows } from './lib/markdown.ts'
import { measure, type Times } from './lib/measure.ts'
import { measureInTurn } from './lib/measure-in-turn.ts'
import {
  type BenchResult,
  formatMetric,
  METRICS,
  type RunResult,
  type ScenarioResult,
} from './lib/results.ts'
import type { Run, Scenario, Turns } from './lib/scenario.ts'
import { textTable } from './lib/table.ts'
import { checkTargets } from './lib/targets.ts'
import { prepareBench } from './prepare.ts'
import { addToReport, writeReport } from './report.ts'
import { FULL, QUICK, scenarios } from './scenarios.ts'
import { SERVERS } from './servers/index.ts'

const USAGE = `npm run bench -- [options]
  --quick         far fewer players and 3 s each: to see that everything works
  --only a,c      these scenarios
  --servers a,b   these servers: ours, nginx-rtmp, node-media-server, floor
  --seconds N     measure for so long, default 15
  --pairs N       scenario l: leave alone and poll so often, default 12
  --warmup N      wait for so long after everybody joined, default 5
  --report        make this result the one that docs/performance.md tells of; with --only, these scenarios of it
  --list          print the scenarios`

/** Files that a process has open beside the players' sockets. */
const OTHER_FILES = 200

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    servers: { type: 'string' },
    seconds: { type: 'string' },
    pairs: { type: 'string' },
    warmup: { type: 'string' },
    report: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

/** Runs what was asked for; null if that was only to print something. */
async function bench(): Promise<BenchResult | null> {
  const chosen = chooseScenarios(scenarios(options.quick ? QUICK : FULL))
  if (options.help || options.list) {
    console.log(options.help ? USAGE : chosen.map(({ id, title }) => `${id}  ${title}`).join('\n'))
    return null
  }
  const times: Times = {
    windowSeconds: Number(options.seconds ?? (options.quick ? 3 : 15)),
    warmupSeconds: Number(options.warmup ?? (options.quick ? 1 : 5)),
    watchSeconds: options.quick ? 1 : 5,
  }
  const absent = new Set(prepareBench())
  const results: ScenarioResult[] = []
  const date = new Date().toISOString()
  for (const scenario of chosen) {
    results.push(await runScenario(scenario, times, absent))
  }
  const used = new Set(results.flatMap(({ runs }) => runs.map(({ server }) => server)))
  const versions = Object.values(SERVERS).filter(({ name }) => used.has(name) && !absent.has(name))
  return {
    date,
    revision: describeRevision(),
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
      ' ',
    ),
    machine: describeMachine(),
    servers: Object.fromEntries(
      await Promise.all(versions.map(async (server) => [server.name, await server.version()] as const)),
    ),
    windowSeconds: times.windowSeconds,
    quick: options.quick,
    scenarios: results,
  }
}

function chooseScenarios(all: readonly Scenario[]): readonly Scenario[] {
  const ids = options.only?.split(',')
  const servers = options.servers?.split(',')
  const unknown = [
    ...(ids ?? []).filter((id) => !all.some((scenario) => scenario.id === id)),
    ...(servers ?? []).filter((name) => !(name in SERVERS)),
  ]
  if (unknown.length > 0) {
    throw new Error(`there is no ${unknown.join(', no ')}\n${USAGE}`)
  }
  return all
    .filter(({ id }) => ids?.includes(id) ?? true)
    .map((scenario) => ({
      ...scenario,
      runs: scenario.runs.filter(({ server }) => servers?.includes(server) ?? true),
    }))
}

async function runScenario(
  scenario: Scenario,
  times: Times,
  absent: ReadonlySet<string>,
): Promise<ScenarioResult> {
  console.log(`\n${scenario.id}: ${scenario.title}\n`)
  const runs: RunResult[] = []
  const { turns } = scenario
  if (turns !== undefined) {
    runs.push(...(await runInTurn(scenario.runs, turns, times, absent)))
  } else {
    for (const run of scenario.runs) {
      runs.push(await runOne(run, runs, times, absent))
    }
  }
  const targets = checkTargets(scenario.targets, runs)
  const result = { id: scenario.id, title: scenario.title, runs, targets }
  console.log('')
  const tables = [resultsTable(runs), targetRows({ scenarios: [result] })]
  console.log([...failures(runs), ...tables.map((table) => `${textTable(table)}\n`)].join('\n'))
  return result
}

/** A server that fails leaves a hole in the table; the others are measured all the same. */
async function runOne(
  run: Run,
  earlier: readonly RunResult[],
  times: Times,
  absent: ReadonlySet<string>,
): Promise<RunResult> {
  const obstacle = obstacleTo(run, absent)
  if (obstacle !== null) {
    return failed(run, obstacle)
  }
  const interval = intervalOf(run, earlier)
  if (interval === null) {
    return failed(run, `'${run.interval}' did not tell its interval`)
  }
  try {
    const result = await measure(run, SERVERS[run.server], interval, times, (line) =>
      progress(`${run.label}: ${line}`),
    )
    progress('')
    console.log(`  ${run.label}: ${summary(result)}`)
    return result
  } catch (error) {
    progress('')
    return failed(run, error instanceof Error ? error.message : String(error))
  }
}

/** Both runs of a scenario with turns, on one server. */
async function runInTurn(
  runs: readonly Run[],
  turns: Turns,
  times: Times,
  absent: ReadonlySet<string>,
): Promise<readonly RunResult[]> {
  const [first, second] = runs
  if (first === undefined || second === undefined) {
    return []
  }
  const obstacle = obstacleTo(first, absent)
  if (obstacle !== null) {
    return runs.map((run) => failed(run, obstacle))
  }
  const pairs = Number(options.pairs ?? turns.pairs)
  try {
    const results = await measureInTurn(
      [first, second],
      SERVERS[first.server],
      { ...turns, pairs },
      times.warmupSeconds,
      progress,
    )
    progress('')
    for (const result of results) {
      console.log(`  ${result.label}: ${summary(result)}`)
    }
    return results
  } catch (error) {
    progress('')
    return runs.map((run) => failed(run, error instanceof Error ? error.message : String(error)))
  }
}

/** Why it can't be run; null if it can. */
function obstacleTo({ server, load }: Run, absent: ReadonlySet<string>): string | null {
  if (absent.has(server)) {
    return 'not installed'
  }
  const sockets = load.players + (load.joiners ?? 0) + load.streams + OTHER_FILES
  return sockets > openFilesLimit()
    ? `needs ${sockets} open files, the limit is ${openFilesLimit()} (ulimit -Hn)`
    : null
}

function failed({ label, server, load }: Run, failure: string): RunResult {
  return { label, server, players: load.players, metrics: {}, failure }
}

/** Of the floor: the interval asked for, or the one that an earlier run chose. */
function intervalOf({ interval }: Run, earlier: readonly RunResult[]): number | null {
  if (typeof interval === 'string') {
    return earlier.find(({ label }) => label === interval)?.metrics.flushMs ?? null
  }
  return interval ?? 1
}

function summary({ metrics }: RunResult): string {
  const said = (['cpuPerGb', 'latencyP50Ms', 'latencyP99Ms', 'rssMb'] as const).filter(
    (metric) => metrics[metric] !== undefined,
  )
  return said.map((metric) => `${METRICS[metric].title} ${formatMetric(metric, metrics[metric])}`).join(', ')
}

/** One line that is written over and over on a terminal, and left out elsewhere. */
function progress(line: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${line === '' ? '' : `  ${line}`}`)
  }
}

if (isProgram(import.meta.url)) {
  stopAllOnSignals()
  const result = await bench().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
    return null
  })
  if (result !== null) {
    const folder = join(REPOSITORY, 'bench', 'results')
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `${result.date.replaceAll(':', '-').slice(0, 19)}.json`)
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
    console.log(`\n${textTable(targetRows(result), '')}\n\n${file}`)
    if (options.report) {
      const write = options.only === undefined ? writeReport : addToReport
      write(result)
      console.log('docs/performance.md and its pictures are written')
    }
  }
}
