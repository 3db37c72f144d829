import { barChart, type Row, type RowGroup, rangeChart, type Series, scatterChart } from './charts.ts'
import { type BenchResult, formatMetric, type Metric, type RunResult } from './results.ts'
import type { SeriesClass } from './svg.ts'

/** The colours of the servers. */
const SERIES: Series = [
  ['ours', 's1'],
  ['nginx-rtmp', 's2'],
  ['node-media-server', 's3'],
  ['floor', 's4'],
]

/** Scenarios in which servers deliver the same to the same number of players. */
const FAN_OUT = ['a', 'b', 'c', 'd', 'f']

/** The pictures of a bench by file name; those for which there are no numbers are left out. */
export function drawPlots(result: BenchResult): Map<string, string> {
  const plots = new Map<string, string>()
  const cost = groupsOf(result, FAN_OUT, ['cpuPerGb'])
  if (cost.length > 0) {
    const axis = 'server CPU seconds (user and system) per GB delivered'
    plots.set('cpu.svg', barChart({ title: 'What a gigabyte costs', axis, series: SERIES, groups: cost }))
  }
  const latency = groupsOf(result, FAN_OUT, ['latencyP50Ms', 'latencyP99Ms'])
  if (latency.length > 0) {
    const axis = 'ms from the publisher’s write to the player’s read: p50 and p99'
    plots.set('latency.svg', rangeChart({ title: 'How late it is', axis, series: SERIES, groups: latency }))
  }
  const memory = groupsOf(result, ['e'], ['rssMb'])
  if (memory.length > 0) {
    const axis = 'resident memory of all server processes, MB'
    plots.set('memory.svg', barChart({ title: 'What it keeps', axis, series: SERIES, groups: memory }))
  }
  const points = pointsOf(result)
  if (points.length > 0) {
    plots.set(
      'cost-and-latency.svg',
      scatterChart({
        title: 'Cost against latency',
        xAxis: 'latency p50, ms',
        yAxis: 'CPU s per GB delivered',
        series: SERIES,
        points,
      }),
    )
  }
  return plots
}

function groupsOf(
  result: BenchResult,
  ids: readonly string[],
  metrics: readonly [Metric, ...Metric[]],
): RowGroup[] {
  const chosen = result.scenarios.filter((scenario) => ids.includes(scenario.id))
  return chosen
    .map(({ id, title, runs }) => ({
      title: `${id}: ${title}`,
      rows: runs.flatMap((run) => rowOf(run, metrics)),
    }))
    .filter((group) => group.rows.length > 0)
}

function rowOf(run: RunResult, metrics: readonly Metric[]): Row[] {
  const values = metrics.map((metric) => run.metrics[metric]).filter((value) => value !== undefined)
  if (values.length < metrics.length) {
    return []
  }
  const note = metrics.map((metric) => formatMetric(metric, run.metrics[metric])).join(' – ')
  return [{ label: run.label, series: seriesOf(run), values, note }]
}

function pointsOf(result: BenchResult): { label: string; series: SeriesClass; x: number; y: number }[] {
  return result.scenarios
    .filter((scenario) => ['a', 'b', 'c', 'd'].includes(scenario.id))
    .flatMap(({ id, runs }) =>
      runs
        // The others do the same in every scenario: one point each says it.
        .filter(
          ({ server }) => server === 'ours' || (id === 'a' && server !== 'floor' && server !== 'plain-node'),
        )
        .map((run) => ({
          label: `${id}: ${run.label}`,
          series: seriesOf(run),
          x: run.metrics.latencyP50Ms ?? 0,
          y: run.metrics.cpuPerGb ?? 0,
        })),
    )
    .filter(({ x, y }) => x > 0 && y > 0)
}

function seriesOf(run: RunResult): SeriesClass {
  return SERIES.find(([name]) => name === run.server)?.[1] ?? 's4'
}
