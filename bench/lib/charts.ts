import {
  element,
  legend,
  linearScale,
  logScale,
  rule,
  type Scale,
  type SeriesClass,
  svg,
  text,
} from './svg.ts'

/** The series of a chart in the order of its legend. */
export type Series = readonly (readonly [name: string, series: SeriesClass])[]

const WIDTH = 760
const TOP = 64
const ROW = 22
const LABEL_WIDTH = 190
const RIGHT = 70
const LABEL_HEIGHT = 14
const FOOT = 44

/** One row of a bar or range chart. */
export type Row = Readonly<{
  label: string
  series: SeriesClass
  /** The bar's length; of a range, its values from small to large. */
  values: readonly number[]
  /** What is written behind it. */
  note: string
}>

/** Rows that belong together, under one heading. */
export type RowGroup = Readonly<{ title: string; rows: readonly Row[] }>

/** What charts of rows have in common. */
export type RowChart = Readonly<{
  title: string
  /** Of the axis, with its unit. */
  axis: string
  series: Series
  groups: readonly RowGroup[]
}>

/** Horizontal bars from 0. */
export function barChart(chart: RowChart): string {
  const largest = Math.max(0, ...valuesOf(chart))
  const scale = linearScale(largest, LABEL_WIDTH, WIDTH - RIGHT)
  return rowChart(chart, scale, (row, y) => {
    const value = row.values[0] ?? 0
    const width = Math.max(1, scale.place(value) - LABEL_WIDTH)
    return [
      element('rect', { class: `bar ${row.series}`, x: LABEL_WIDTH, y: y - 11, width, height: 14, rx: 2 }),
      text(row.note, scale.place(value) + 6, y, 'soft'),
    ]
  })
}

/** For each row a line from its smallest to its largest value and a dot at each value, on a logarithmic axis. */
export function rangeChart(chart: RowChart): string {
  const values = valuesOf(chart).filter((value) => value > 0)
  const scale = logScale(Math.min(1, ...values), Math.max(10, ...values), LABEL_WIDTH, WIDTH - RIGHT - 60)
  return rowChart(chart, scale, (row, y) => {
    const places = row.values.filter((value) => value > 0).map((value) => scale.place(value))
    const [first = LABEL_WIDTH, last = first] = [places[0], places.at(-1)]
    return [
      element('line', { class: `range ${row.series}`, x1: first, x2: last, y1: y - 4, y2: y - 4 }),
      ...places.map((cx) => element('circle', { class: `${row.series} dot`, cx, cy: y - 4, r: 5 })),
      text(row.note, last + 10, y, 'soft'),
    ]
  })
}

function rowChart(chart: RowChart, scale: Scale, draw: (row: Row, y: number) => string[]): string {
  const parts: string[] = []
  let y = TOP
  for (const group of chart.groups) {
    y += ROW
    parts.push(text(group.title, 16, y, 'ink group'))
    for (const row of group.rows) {
      y += ROW
      parts.push(text(row.label, 28, y), ...draw(row, y))
    }
    y += 6
  }
  const bottom = y + 8
  const axis = scale.ticks.flatMap((tick) => [
    rule(scale.place(tick), TOP, scale.place(tick), bottom),
    text(formatTick(tick), scale.place(tick), bottom + 16, 'soft', 'middle'),
  ])
  const name = text(chart.axis, (LABEL_WIDTH + WIDTH - RIGHT) / 2, bottom + 34, 'soft', 'middle')
  return svg(chart.title, WIDTH, bottom + FOOT, [legend(chart.series, 48), ...axis, ...parts, name])
}

/** One point of a scatter chart. */
export type Point = Readonly<{ label: string; series: SeriesClass; x: number; y: number }>

/** Points on two logarithmic axes. */
export function scatterChart(
  chart: Readonly<{
    title: string
    xAxis: string
    yAxis: string
    series: Series
    points: readonly Point[]
  }>,
): string {
  const height = 440
  const [left, right, bottom] = [60, WIDTH - 150, height - 54]
  const points = chart.points.filter(({ x, y }) => x > 0 && y > 0)
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)]
  const x = logScale(Math.min(1, ...xs), Math.max(10, ...xs), left, right)
  const y = logScale(Math.min(1, ...ys), Math.max(1, ...ys), bottom, TOP)
  const parts = [
    ...x.ticks.flatMap((tick) => [
      rule(x.place(tick), TOP, x.place(tick), bottom),
      text(formatTick(tick), x.place(tick), bottom + 16, 'soft', 'middle'),
    ]),
    ...y.ticks.flatMap((tick) => [
      rule(left, y.place(tick), right, y.place(tick)),
      text(formatTick(tick), left - 8, y.place(tick) + 4, 'soft', 'end'),
    ]),
    text(chart.xAxis, (left + right) / 2, bottom + 38, 'soft', 'middle'),
    element(
      'g',
      { transform: `translate(18 ${(TOP + bottom) / 2}) rotate(-90)` },
      [text(chart.yAxis, 0, 0, 'soft', 'middle')].join(''),
    ),
  ]
  const labels: { x: number; y: number }[] = []
  for (const point of [...points].sort((a, b) => b.y - a.y)) {
    const [cx, cy] = [x.place(point.x), y.place(point.y)]
    const label = { x: cx + 10, y: cy + 4 }
    // A label that would cover an earlier one goes below it.
    for (const other of labels) {
      if (Math.abs(other.x - label.x) < LABEL_WIDTH && Math.abs(other.y - label.y) < LABEL_HEIGHT) {
        label.y = other.y + LABEL_HEIGHT
      }
    }
    labels.push(label)
    parts.push(
      element('circle', { class: `${point.series} dot`, cx, cy, r: 6 }),
      text(point.label, label.x, label.y),
    )
  }
  return svg(chart.title, WIDTH, height, [legend(chart.series, 48), ...parts])
}

function valuesOf(chart: RowChart): number[] {
  return chart.groups.flatMap((group) => group.rows.flatMap((row) => [...row.values]))
}

function formatTick(value: number): string {
  return value >= 1000 ? value.toLocaleString('en-US') : String(Number(value.toPrecision(6)))
}
