import type { Clock } from '../../base/index.ts'
import { ExpositionWriter } from './exposition.ts'
import { writeRuntimeMetrics } from './runtime-metrics.ts'
import { RuntimeReadings } from './runtime-readings.ts'
import { type ServerMetricsSources, SrsMetrics, writeServerMetrics } from './server-metrics.ts'
import { DEFAULT_MAX_METRIC_STREAMS, writeStreamMetrics } from './stream-metrics.ts'

/** What is told to Prometheus. A change counts at once, for the next scrape. */
export type MetricsOptions = Readonly<{
  /** A label of this server, in `srs_build_info`. Default ''. SRS: exporter.label. */
  label: string
  /** Another one. Default ''. SRS: exporter.tag. */
  tag: string
  /** Streams with lines of their own at most; the totals count all. Default 1000. */
  maxStreams: number
}>

/** The defaults of `MetricsOptions`. */
export const defaultMetricsOptions: MetricsOptions = {
  label: '',
  tag: '',
  maxStreams: DEFAULT_MAX_METRIC_STREAMS,
}

/** What others add to the metrics. */
export type MetricsPart = (writer: ExpositionWriter) => void

/** What metrics are made with. */
export type MetricsSetup = ServerMetricsSources &
  Readonly<{
    /** Times readings. */
    clock: Clock
    /** What else there is, e.g. hooks. */
    parts?: readonly MetricsPart[]
  }>

/** Tells Prometheus how a server does: reads what is counted anyway, when it is asked. */
export class Metrics {
  readonly #setup: MetricsSetup
  readonly #srs: SrsMetrics
  readonly #runtime: RuntimeReadings

  /** Nothing is measured before the first scrape; clients are counted from now on. */
  constructor(setup: MetricsSetup) {
    this.#setup = setup
    this.#srs = new SrsMetrics(setup)
    this.#runtime = new RuntimeReadings(setup.clock)
  }

  /** All metrics as of now, in the text format of Prometheus. */
  async scrape(options: MetricsOptions): Promise<string> {
    const writer = new ExpositionWriter()
    const streams = this.#setup.registry.streams.filter(({ counters }) => counters.publications > 0)
    await this.#srs.write(writer, options, streams.length)
    writeServerMetrics(writer, this.#setup)
    for (const write of this.#setup.parts ?? []) {
      write(writer)
    }
    writeRuntimeMetrics(writer, this.#runtime)
    writeStreamMetrics(writer, streams, options.maxStreams)
    return writer.text
  }

  /** Measures nothing any more. Idempotent. */
  close(): void {
    this.#runtime.close()
  }
}
