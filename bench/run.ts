/**
 * The bench: runs the same load on our server and on others in turn, and prints what it cost. `npm run bench -- --help`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isProgram, REPOSITORY } from '../scripts/lib/files.ts'
import { stopAllOnSignals } from './lib/child.ts'
import { describeMachine, describeRevision, openFilesLimit } from './lib/machine.ts'
import { failures, runsTable, targetRows } from './lib/markdown.ts'
import { measure, type Times } from './lib/measure.ts'
import {
  type BenchResult,
  formatMetric,
  METRICS,
  type RunResult,
  type ScenarioResult,
} from './lib/results.ts'
import type { Run, Scenario } from './lib/scenario.ts'
import { textTable } from './lib/table.ts'
import { checkTargets, labelInRound } from './lib/targets.ts'
import { prepareBench } from './prepare.ts'
import { writeReport } from './report.ts'
import { FULL, QUICK, scenarios } from './scenarios.ts'
import { SERVERS } from './servers/index.ts'

const USAGE = `npm run bench -- [options]
  --quick         far fewer players and 3 s each: to see that everything works
  --only a,c      these scenarios
  --servers a,b   these servers: ours, nginx-rtmp, node-media-server, floor
  --seconds N     measure for so long, default 15
  --warmup N      wait for so long after everybody joined, default 5
  --report        make this result the one that docs/performance.md tells of
  --list          print the scenarios`

/** Files that a process has open beside the players' sockets. */
const OTHER_FILES = 200

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    servers: { type: 'string' },
    seconds: { type: 'string' },
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
  for (const run of inRounds(scenario)) {
    runs.push(await runOne(run, runs, times, absent))
  }
  const targets = checkTargets(scenario.targets, runs)
  const result = { id: scenario.id, title: scenario.title, runs, targets }
  console.log('')
  const tables = [runsTable(runs), targetRows({ scenarios: [result] })]
  console.log([...failures(runs), ...tables.map((table) => `${textTable(table)}\n`)].join('\n'))
  return result
}

/** The runs of all rounds, in turn, so that a machine that gets slower or faster does so for each of them. */
function inRounds({ runs, rounds = 1 }: Scenario): readonly Run[] {
  return rounds === 1
    ? runs
    : Array.from({ length: rounds }, (_none, index) =>
        runs.map((run) => ({ ...run, label: labelInRound(run.label, index + 1) })),
      ).flat()
}

/** A server that fails leaves a hole in the table; the others are measured all the same. */
async function runOne(
  run: Run,
  earlier: readonly RunResult[],
  times: Times,
  absent: ReadonlySet<string>,
): Promise<RunResult> {
  const failed = (failure: string): RunResult => ({
    label: run.label,
    server: run.server,
    players: run.load.players,
    metrics: {},
    failure,
  })
  if (absent.has(run.server)) {
    return failed('not installed')
  }
  const sockets = run.load.players + (run.load.joiners ?? 0) + run.load.streams + OTHER_FILES
  if (sockets > openFilesLimit()) {
    return failed(`needs ${sockets} open files, the limit is ${openFilesLimit()} (ulimit -Hn)`)
  }
  const interval = intervalOf(run, earlier)
  if (interval === null) {
    return failed(`'${run.interval}' did not tell its interval`)
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
    return failed(error instanceof Error ? error.message : String(error))
  }
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
      writeReport(result)
      console.log('docs/performance.md and its pictures are written')
    }
  }
}
