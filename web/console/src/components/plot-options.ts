import type { Signal } from '@preact/signals'
import UPlot from 'uplot'
import { server } from '../console.ts'
import { plotSpanMs } from '../data/plot-span.ts'
import { type Quantity, timeOfMinute, timeOfSecond } from '../format.ts'
import { roundUp } from '../round-up.ts'
import type { PlotLine } from './plot.tsx'

export { UPlot }

/** All plots of a view show the same moment under the pointer. */
const SYNC_KEY = 'console'
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'

/** Steps of a scale: none that would part a count of players, or look odd. */
const INCREMENTS: number[] = Array.from({ length: 16 }, (_, index) => 10 ** (index - 3)).flatMap((power) => [
  power,
  2 * power,
  5 * power,
])

/** How uPlot draws a plot of ours: colours are read from the style sheet whenever it draws, so that a change of theme is seen. */
export function plotOptions(
  setup: Readonly<{
    width: number
    height: number
    lines: readonly PlotLine[]
    format: (value: number | null) => Quantity
    top: number
    /** Gets the index of the reading under the pointer. */
    pointed: Signal<number | null>
  }>,
): UPlot.Options {
  const { width, height, lines, format, top, pointed } = setup
  const axis: UPlot.Axis = {
    font: FONT,
    stroke: () => colour('--console-muted'),
    grid: { stroke: () => colour('--console-grid'), width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height,
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 7 },
      sync: { key: SYNC_KEY },
    },
    scales: {
      x: { time: true, range: (plot) => rangeOf(plot.data[0]) },
      y: { range: (_plot, _min, max) => [0, roundUp(Math.max(max ?? 0, top))] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        space: 70,
        values: (_plot, splits) => splits.map((at) => timeOnAxis(at * 1000, splits)),
      },
      {
        ...axis,
        size: 66,
        incrs: INCREMENTS,
        gap: 6,
        space: 34,
        values: (_plot, splits) => splits.map((value) => shortened(format(value))),
      },
    ],
    series: [
      {},
      ...lines.map(
        ({ label, tone }): UPlot.Series => ({
          label,
          stroke: () => colour(`--plot-${tone}`),
          fill: () => (lines.length > 2 ? 'transparent' : `${colour(`--plot-${tone}`)}1c`),
          width: 1.75,
          points: { show: false },
        }),
      ),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const { left = -1, idx } = plot.cursor
          pointed.value = left < 0 || idx === undefined ? null : idx
        },
      ],
    },
  }
}

/** With seconds where lines stand closer than a minute. */
function timeOnAxis(atMs: number, splits: readonly number[]): string {
  const [first = 0, second = Number.POSITIVE_INFINITY] = splits
  return second - first < 60 ? timeOfSecond(atMs) : timeOfMinute(atMs)
}

function rangeOf(times: ArrayLike<number>): [number, number] {
  const now = server.clock.now()
  return [(now - plotSpanMs(times, now)) / 1000, now / 1000]
}

/** `2 Mb/s` for `2.00 Mb/s`. */
function shortened({ value, unit }: Quantity): string {
  const number = Number(value)
  if (number === 0) {
    return '0'
  }
  return `${Number.isNaN(number) ? value : number}${unit === '' ? '' : ` ${unit}`}`
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
