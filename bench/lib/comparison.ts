import { compareInPairs, type Ratio } from './ratio.ts'
import { formatMetric, METRICS, type Metric, type RunResult } from './results.ts'
import type { Table } from './table.ts'

/** Numbers that say how much work there was, or the same as another: not for a table of windows. */
const LEFT_OUT: readonly Metric[] = ['cpuPerGbMoved', 'cores', 'gigabytes', 'skips']

/** A run that was measured in windows. */
type Windows = NonNullable<RunResult['windows']>

/**
 * By what factor a number of one run differs from that of another that was measured in turn with it.
 * @returns null if there is none: it was not measured, or is 0 somewhere
 */
export function compareRuns(base: RunResult, run: RunResult, metric: Metric): Ratio | null {
  const [ofBase, ofRun] = [base.windows ?? [], run.windows ?? []]
  return compareWindows(ofBase, ofRun.slice(0, ofBase.length), metric)
}

/**
 * The same of a run's windows by themselves: each second one with the one before it. As runs take turns A B, B A, that one stands behind a window of the other
 * run and this one behind one of its own, so what a run leaves behind for the next window shows as well.
 */
export function compareWithItself({ windows = [] }: RunResult, metric: Metric): Ratio | null {
  const every = (rest: number): Windows => windows.filter((_window, index) => index % 2 === rest)
  return compareWindows(every(0).slice(0, every(1).length), every(1), metric)
}

/** Two runs that were measured in turn, by each other; a row for each number. */
export function comparisonTable([base, run]: readonly [RunResult, RunResult]): Table {
  const metrics = (Object.keys(METRICS) as Metric[]).filter(
    (metric) =>
      !LEFT_OUT.includes(metric) && [base, run].some(({ metrics: found }) => found[metric] !== undefined),
  )
  const head = [
    ['', base.label, 'least – most', run.label, 'least – most'],
    [`${run.label} / ${base.label}`, '95 %', `${base.label} by itself, 95 %`, 'told apart'],
  ]
  return [
    head.flat(),
    ...metrics.map((metric) => {
      const ratio = compareRuns(base, run, metric)
      return [
        METRICS[metric].title,
        ...[base, run].flatMap(({ metrics: found, windows = [] }) => [
          formatMetric(metric, found[metric]),
          rangeOf(windows, metric),
        ]),
        ratio === null ? '' : ratio.estimate.toFixed(2),
        formatInterval(ratio),
        formatInterval(compareWithItself(base, metric)),
        verdict(ratio),
      ]
    }),
  ]
}

function compareWindows(base: Windows, run: Windows, metric: Metric): Ratio | null {
  const pairs = base.map((window, index) => [window[metric] ?? 0, run[index]?.[metric] ?? 0] as const)
  return compareInPairs(pairs)
}

function rangeOf(windows: Windows, metric: Metric): string {
  const values = windows.flatMap((window) => window[metric] ?? [])
  return values.length === 0
    ? ''
    : [Math.min(...values), Math.max(...values)].map((value) => formatMetric(metric, value)).join(' – ')
}

function formatInterval(ratio: Ratio | null): string {
  const interval = ratio?.interval
  return interval == null ? '' : `${interval.from.toFixed(2)} – ${interval.to.toFixed(2)}`
}

function verdict(ratio: Ratio | null): string {
  const interval = ratio?.interval
  if (interval == null) {
    return ''
  }
  return interval.from > 1 ? 'more' : interval.to < 1 ? 'less' : 'no'
}
