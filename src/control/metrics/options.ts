import { ServerError } from '../../base/index.ts'

/** Streams with lines of their own at most, by default: each has about twenty. */
export const DEFAULT_MAX_METRIC_STREAMS = 1_000

/** What is told to Prometheus. A change counts at once, for the next scrape. */
export type MetricsOptions = Readonly<{
  /** A label of this server, in `srs_build_info`. Default ''. SRS: exporter.label. */
  label: string
  /** Another one. Default ''. SRS: exporter.tag. */
  tag: string
  /** Streams with lines of their own at most, the oldest; the totals count all. Default 1000. */
  maxStreams: number
}>

/** The defaults of `MetricsOptions`. */
export const defaultMetricsOptions: MetricsOptions = {
  label: '',
  tag: '',
  maxStreams: DEFAULT_MAX_METRIC_STREAMS,
}

/**
 * What is given, with defaults for the rest.
 * @throws ServerError ERR_CONFIGURATION if a value can't be used
 */
export function resolveMetricsOptions({
  label = '',
  tag = '',
  maxStreams = DEFAULT_MAX_METRIC_STREAMS,
}: Partial<MetricsOptions> = {}): MetricsOptions {
  if (!(Number.isInteger(maxStreams) && maxStreams >= 0)) {
    throw new ServerError('ERR_CONFIGURATION', `exporter.maxStreams is ${maxStreams}: must be 0 or more`)
  }
  return { label, tag, maxStreams }
}
