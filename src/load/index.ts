export {
  type LoadCounts,
  type LoadProcess,
  type LoadSnapshot,
  type LoadTimes,
  mergeSnapshots,
} from './counters.ts'
export { type Distribution, Histogram, type HistogramData } from './histogram.ts'
export { LoadRun } from './load-run.ts'
export type { LoadPart, LoadWorker } from './load-worker.ts'
export type { SampledPlayerReport } from './media-probe.ts'
export { DEFAULT_JOINS_PER_SECOND, type LoadOptions, type LoadPlan, resolveLoadOptions } from './options.ts'
export type { LoadProgress, LoadReport } from './report.ts'
export { runLoad } from './run-load.ts'
export type { LoadProtocol, LoadTarget } from './target.ts'
