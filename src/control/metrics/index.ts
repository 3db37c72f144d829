export { type AddSample, ExpositionWriter, formatLabels, type Labels, type MetricType } from './exposition.ts'
export * from './metrics.ts'
export * from './options.ts'
export type { ServerMetricsSources } from './server-metrics.ts'
