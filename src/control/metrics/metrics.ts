import type { Clock, SlicedText } from '../../base/index.ts'
import { RuntimeReadings } from '../system/index.ts'
import { ExpositionWriter } from './exposition.ts'
import type { MetricsOptions } from './options.ts'
import { writeRuntimeMetrics } from './runtime-metrics.ts'
import { type ServerMetricsSources, SrsMetrics, writeServerMetrics } from './server-metrics.ts'
import { StreamMetrics } from './stream-metrics.ts'

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
  readonly #streams = new StreamMetrics()

  /** Nothing is measured before the first scrape; clients are counted from now on. */
  constructor(setup: MetricsSetup) {
    this.#setup = setup
    this.#srs = new SrsMetrics(setup)
    this.#runtime = new RuntimeReadings(setup.clock)
  }

  /** All metrics as of now, in the text format of Prometheus, made in slices (`SlicedText`). */
  async scrape(options: MetricsOptions): Promise<SlicedText> {
    const writer = new ExpositionWriter()
    const streams = this.#setup.registry.streams.filter(({ counters }) => counters.publications > 0)
    await this.#srs.write(writer, options, streams.length)
    writeServerMetrics(writer, this.#setup)
    for (const write of this.#setup.parts ?? []) {
      write(writer)
    }
    writeRuntimeMetrics(writer, this.#runtime)
    // What is read of all streams at once is enough for one turn.
    await writer.nextSlice()
    await this.#streams.write(writer, streams, options.maxStreams)
    return writer.body
  }

  /** Measures nothing any more. Idempotent. */
  close(): void {
    this.#runtime.close()
  }
}
