import { comparisonTable } from './comparison.ts'
import {
  type BenchResult,
  formatMetric,
  METRICS,
  type Metric,
  type RunResult,
  type ScenarioResult,
} from './results.ts'
import { markdownTable, type Table } from './table.ts'

/** Numbers that say how much work there was and how much the machine had to do beside it: not for a table of results. */
const LEFT_OUT: readonly Metric[] = [
  ...(['mainThreadPerGb', 'cores', 'gigabytes', 'rssMaxMb', 'loopDelayMaxMs'] as const),
  ...(['gcPerSecond', 'majorGcPerSecond', 'gcShare', 'skips'] as const),
]

/** Servers that others are compared with. */
const BASELINES = ['nginx-rtmp', 'floor']

/** Every part of a report by the name of its place in the page. */
export function reportParts(result: BenchResult): Map<string, string> {
  return new Map([
    ['machine', machineText(result)],
    ['targets', targetsTable(result)],
    ...result.scenarios.map((scenario): [string, string] => [
      `scenario-${scenario.id}`,
      scenarioText(scenario),
    ]),
  ])
}

/**
 * Puts the parts into a page, each between `<!-- bench:NAME -->` and `<!-- bench:end -->`. Places without a part say so.
 * @throws Error if a part has no place in the page
 */
export function fillPage(page: string, parts: ReadonlyMap<string, string>): string {
  const missing = [...parts.keys()].filter((name) => !page.includes(opening(name)))
  if (missing.length > 0) {
    throw new Error(`the page has no place for: ${missing.map(opening).join(', ')}`)
  }
  return page.replace(
    /<!-- bench:([\w-]+) -->\n.*?<!-- bench:end -->/gs,
    (_whole, name: string) =>
      `${opening(name)}\n\n${parts.get(name) ?? 'Not measured in this run.'}\n\n<!-- bench:end -->`,
  )
}

/** What a scenario found: its runs beside each other, or by each other if they were measured in turn. */
export function resultsTable(runs: readonly RunResult[], without: readonly Metric[] = []): Table {
  const [base, run] = runs
  const inTurn = base?.windows !== undefined && run?.windows !== undefined
  return inTurn ? comparisonTable([base, run]) : runsTable(runs, without)
}

/** Results of runs, one column each; rows are the numbers that any of them has. */
export function runsTable(runs: readonly RunResult[], without: readonly Metric[] = []): Table {
  const metrics = (Object.keys(METRICS) as Metric[]).filter(
    (metric) => !without.includes(metric) && runs.some((run) => run.metrics[metric] !== undefined),
  )
  const rows = metrics.map((metric) => [
    METRICS[metric].title,
    ...runs.map((run) => formatMetric(metric, run.metrics[metric])),
  ])
  // Below the first row, which is what the ratios are of.
  rows.splice(1, 0, ...BASELINES.flatMap((baseline) => ratioRow(runs, baseline)))
  return [['', ...runs.map(({ label }) => label)], ...rows]
}

/** What a gigabyte costs by what it costs a baseline with as many players; no row if there is nothing to compare. */
function ratioRow(runs: readonly RunResult[], baseline: string): string[][] {
  const others = runs.filter(({ server }) => server !== baseline)
  const ratios = runs.map((run) => {
    const base = runs.find(({ server, players }) => server === baseline && players === run.players)
    const [cost, baseCost] = [run.metrics.cpuPerGb, base?.metrics.cpuPerGb]
    return cost === undefined || baseCost === undefined ? '' : (cost / baseCost).toFixed(2)
  })
  const compares = others.some((run) => ratios[runs.indexOf(run)] !== '')
  return compares ? [[`... / ${baseline}`, ...ratios]] : []
}

function scenarioText({ runs, anew }: ScenarioResult): string {
  const when = anew === undefined ? [] : [`Measured by itself: ${measuredBy(anew)}.`]
  return [...when, markdownTable(resultsTable(runs, LEFT_OUT)), ...failures(runs).map(firstLine)].join('\n\n')
}

function measuredBy({ date, revision, command }: Pick<BenchResult, 'date' | 'revision' | 'command'>): string {
  return `${new Date(date).toISOString().slice(0, 10)}, revision ${revision}, \`${command}\``
}

/** Why runs gave no numbers, one line each. */
export function failures(runs: readonly RunResult[]): string[] {
  return runs.filter(({ failure }) => failure !== null).map(({ label, failure }) => `${label}: ${failure}`)
}

/** Every target with what was found. */
export function targetRows(result: Pick<BenchResult, 'scenarios'>): Table {
  const rows = result.scenarios.flatMap(({ id, targets }) =>
    targets.map(({ text, value, atMost, met }) => [
      id,
      text,
      value === null ? '-' : value.toFixed(value < 10 ? 2 : 0),
      String(atMost),
      met === null ? 'not measured' : met ? 'met' : 'not met',
    ]),
  )
  return [['', 'what', 'found', 'at most', ''], ...rows]
}

function targetsTable(result: BenchResult): string {
  return markdownTable(targetRows(result))
}

function machineText(result: BenchResult): string {
  const { machine } = result
  const lines = [
    `- ${measuredBy(result)}`,
    `- ${machine.processor}, ${machine.processors} processors, ${(machine.memoryBytes / 1e9).toFixed(0)} GB, ${machine.kernel}, Node ${machine.node}`,
    ...Object.values(result.servers).map((version) => `- ${version}`),
    `- each run measured for ${result.windowSeconds} s after its warm-up`,
  ]
  return [
    ...lines,
    ...(result.quick ? ['', '**A quick run: far smaller loads, not to be quoted.**'] : []),
  ].join('\n')
}

function opening(name: string): string {
  return `<!-- bench:${name} -->`
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}
