/** The numbers that a run may give, with how they are shown. */
export const METRICS = {
  cpuPerGb: { title: 'CPU s/GB', digits: 2 },
  cpuPerGbMoved: { title: 'CPU s/GB in+out', digits: 2 },
  userPerGb: { title: 'user s/GB', digits: 2 },
  systemPerGb: { title: 'system s/GB', digits: 2 },
  cores: { title: 'cores', digits: 2 },
  gigabytes: { title: 'GB', digits: 2 },
  deliveredShare: { title: 'delivered', digits: 3 },
  latencyP50Ms: { title: 'latency p50 ms', digits: 1 },
  latencyP99Ms: { title: 'latency p99 ms', digits: 1 },
  latencyMaxMs: { title: 'latency max ms', digits: 1 },
  largestGapMs: { title: 'largest gap ms', digits: 0 },
  keyframeP50Ms: { title: 'keyframe p50 ms', digits: 0 },
  keyframeP99Ms: { title: 'keyframe p99 ms', digits: 0 },
  rssMb: { title: 'RSS MB', digits: 0 },
  rssMaxMb: { title: 'RSS max MB', digits: 0 },
  rssGrowthMb: { title: 'RSS growth MB', digits: 1 },
  kbPerPlayer: { title: 'KB/player', digits: 1 },
  loopDelayP99Ms: { title: 'loop delay p99 ms', digits: 1 },
  loopDelayMaxMs: { title: 'loop delay max ms', digits: 1 },
  loopUtilization: { title: 'loop busy', digits: 2 },
  gcMaxMs: { title: 'GC max ms', digits: 1 },
  gcShare: { title: 'GC share', digits: 3 },
  flushMs: { title: 'write every ms', digits: 0 },
  lost: { title: 'lost', digits: 0 },
  loadCores: { title: 'load cores', digits: 2 },
  machineBusy: { title: 'machine busy', digits: 2 },
} as const satisfies Record<string, { title: string; digits: number }>

/** The name of a number that a run may give. */
export type Metric = keyof typeof METRICS

/** What one server did under one load. */
export type RunResult = Readonly<{
  /** As in the scenario. */
  label: string
  /** The server's name. */
  server: string
  /** What could be measured. */
  metrics: Readonly<Partial<Record<Metric, number>>>
  /** Why there is nothing or not everything; null if all went well. */
  failure: string | null
}>

/** Whether a target was met. */
export type TargetResult = Readonly<{
  /** The target in words. */
  text: string
  /** What was found; null if it could not be measured. */
  value: number | null
  /** What is allowed. */
  atMost: number
  /** Null if it could not be measured. */
  met: boolean | null
}>

/** A scenario's outcome. */
export type ScenarioResult = Readonly<{
  /** One letter. */
  id: string
  /** What it is about. */
  title: string
  /** Every server in turn. */
  runs: readonly RunResult[]
  /** What the issue asks for. */
  targets: readonly TargetResult[]
}>

/** The machine a bench ran on. */
export type Machine = Readonly<{
  /** e.g. 'AMD EPYC 7543'. */
  processor: string
  /** Processors that the system sees. */
  processors: number
  /** Bytes. */
  memoryBytes: number
  /** Kernel name and release. */
  kernel: string
  /** Version of Node. */
  node: string
}>

/** A whole bench: what `bench/results/*.json` and `docs/performance/results.json` hold. */
export type BenchResult = Readonly<{
  /** When it began, ISO 8601. */
  date: string
  /** Git revision, with '+' behind it if files were changed since. */
  revision: string
  /** How it was called. */
  command: string
  /** Where. */
  machine: Machine
  /** Versions of the servers by name. */
  servers: Readonly<Record<string, string>>
  /** Measured seconds of each run. */
  windowSeconds: number
  /** Smaller loads: not to be compared with anything. */
  quick: boolean
  /** In the order they ran. */
  scenarios: readonly ScenarioResult[]
}>

/** A number as people read it; an empty string for none. */
export function formatMetric(metric: Metric, value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(METRICS[metric].digits)
}
