import { effect, type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { server } from '../console.ts'
import { plotSpanMs } from '../data/plot-span.ts'
import type { PlotColumns, TimeSeries } from '../data/time-series.ts'
import { type Quantity, text, timeOfDay, UNKNOWN } from '../format.ts'
import { theme } from '../theme.ts'
import { plotOptions, UPlot } from './plot-options.ts'

/** One line of a plot. */
export type PlotLine = Readonly<{
  label: string
  /** Column of the series. */
  column: number
  /** Which of the plot colours. */
  tone: 1 | 2 | 3 | 4
}>

/** What a plot shows. */
export type PlotProps = Readonly<{
  title: string
  /** Beside the title: what is counted. */
  detail?: string
  series: TimeSeries
  lines: readonly PlotLine[]
  format: (value: number | null) => Quantity
  /** The scale reaches at least to here, so that small numbers look small. */
  top: number
}>

/** Lines over the last ten minutes, with a legend that tells the newest values, or those under the pointer. */
export function Plot(props: PlotProps): JSX.Element {
  const { title, detail, series, lines, format, top } = props
  const frame = useRef<HTMLDivElement>(null)
  const pointed: Signal<number | null> = useMemo(() => signal(null), [])
  const shown: Signal<PlotColumns> = useMemo(() => signal<PlotColumns>([[]]), [])
  useEffect(() => {
    const element = frame.current
    if (element === null) {
      return undefined
    }
    const size = (): { width: number; height: number } => ({
      width: element.clientWidth,
      height: element.clientHeight,
    })
    const plot = new UPlot(plotOptions({ ...size(), lines, format, top, pointed }), [[]], element)
    const observer = new ResizeObserver(() => plot.setSize(size()))
    observer.observe(element)
    const stop = effect(() => {
      // Read, so that it is drawn anew when there is more, and in other colours when the theme changes.
      server.drawn.value
      theme.value
      shown.value = pick(series.columns(), lines)
      plot.setData(shown.value)
    })
    return () => {
      stop()
      observer.disconnect()
      plot.destroy()
    }
  }, [series])
  return (
    <figure class="card panel plot">
      <figcaption class="panel-head">
        <h2>{title}</h2>
        <PlotDetail columns={shown} pointed={pointed} detail={detail ?? ''} />
      </figcaption>
      <Legend columns={shown} pointed={pointed} lines={lines} format={format} />
      <div ref={frame} class="plot-frame" aria-hidden="true" />
    </figure>
  )
}

type Reading = Readonly<{ columns: Signal<PlotColumns>; pointed: Signal<number | null> }>

function PlotDetail({ columns, pointed, detail }: Reading & { detail: string }): JSX.Element {
  const [times] = columns.value
  const at = pointed.value === null ? undefined : times[pointed.value]
  const now = server.clock.now()
  const span = `${plotSpanMs(times, now) / 60_000} min`
  const said = detail === '' ? span : `${detail}, ${span}`
  return <span class="panel-detail">{at === undefined ? said : timeOfDay(at * 1000, now)}</span>
}

function Legend({
  columns,
  pointed,
  lines,
  format,
}: Reading & Pick<PlotProps, 'lines' | 'format'>): JSX.Element {
  const [times, ...values] = columns.value
  const index = pointed.value ?? times.length - 1
  return (
    <ul class="legend">
      {lines.map(({ label, tone }, line) => {
        const value = values[line]?.[index] ?? null
        return (
          <li key={label} data-tone={tone}>
            <span class="legend-line" aria-hidden="true" />
            {label} <strong>{value === null ? UNKNOWN : text(format(value))}</strong>
          </li>
        )
      })}
    </ul>
  )
}

function pick([times, ...values]: PlotColumns, lines: readonly PlotLine[]): PlotColumns {
  return [times, ...lines.map(({ column }) => values[column] ?? [])]
}
