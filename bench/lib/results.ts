/** The name of a number that a run may give. */
export type Metric =
  | 'cpuPerGb'
  | 'cpuPerGbMoved'
  | 'userPerGb'
  | 'systemPerGb'
  | 'mainThreadPerGb'
  | 'cores'
  | 'gigabytes'
  | 'deliveredShare'
  | 'latencyP50Ms'
  | 'latencyP99Ms'
  | 'latencyMaxMs'
  | 'largestGapMs'
  | 'keyframeP50Ms'
  | 'keyframeP99Ms'
  | 'rssMb'
  | 'rssMaxMb'
  | 'rssGrowthMb'
  | 'kbPerPlayer'
  | 'heapKbPerPlayer'
  | 'loopDelayP99Ms'
  | 'loopDelayMaxMs'
  | 'loopUtilization'
  | 'gcPerSecond'
  | 'majorGcPerSecond'
  | 'gcMaxMs'
  | 'gcShare'
  | 'flushMs'
  | 'lost'
  | 'skips'
  | 'mainThreadWait'
  | 'pollsPerSecond'
  | 'pollMb'
  | 'slowestPollMs'
  | 'pollerCores'
  | 'loadCores'
  | 'machineBusy'

/** How a number is shown. */
type MetricStyle = Readonly<{ title: string; digits: number }>

/** Every number that a run may give, in the order of tables. */
export const METRICS: Readonly<Record<Metric, MetricStyle>> = {
  // Processor time of all server processes, user and system, by what was delivered; received where there are no players.
  cpuPerGb: { title: 'CPU s/GB', digits: 2 },
  // The same by what was received and delivered together.
  cpuPerGbMoved: { title: 'CPU s/GB in+out', digits: 2 },
  // The part of it in the program.
  userPerGb: { title: 'user s/GB', digits: 2 },
  // The part of it in the kernel.
  systemPerGb: { title: 'system s/GB', digits: 2 },
  // The part of it in the main threads, on which media goes out.
  mainThreadPerGb: { title: 'main thread s/GB', digits: 2 },
  // The same processor time by the time that passed.
  cores: { title: 'cores', digits: 2 },
  // What was delivered, or received where there are no players; 10^9 bytes.
  gigabytes: { title: 'GB', digits: 2 },
  // What was delivered of what was published, once for each player; below 1 somebody fell behind.
  deliveredShare: { title: 'delivered', digits: 3 },
  // From the publisher's write to a sampled player's read.
  latencyP50Ms: { title: 'latency p50 ms', digits: 1 },
  // The same, the 99th percentile.
  latencyP99Ms: { title: 'latency p99 ms', digits: 1 },
  // The same, the worst.
  latencyMaxMs: { title: 'latency max ms', digits: 1 },
  // The longest time without a video frame for any sampled player.
  largestGapMs: { title: 'largest gap ms', digits: 0 },
  // From the play command to the first keyframe, of players that came within the window, else before it.
  keyframeP50Ms: { title: 'keyframe p50 ms', digits: 0 },
  // The same, the 99th percentile.
  keyframeP99Ms: { title: 'keyframe p99 ms', digits: 0 },
  // Resident memory of all server processes at the end, 10^6 bytes.
  rssMb: { title: 'RSS MB', digits: 0 },
  // The same at its peak.
  rssMaxMb: { title: 'RSS max MB', digits: 0 },
  // The same, what it grew by within the window.
  rssGrowthMb: { title: 'RSS growth MB', digits: 1 },
  // Resident memory after a collection more than before the first player came, by the players; 10^3 bytes.
  kbPerPlayer: { title: 'KB/player', digits: 1 },
  // The same of JavaScript's heap and its buffers alone.
  heapKbPerPlayer: { title: 'heap KB/player', digits: 1 },
  // How late the server's timers were.
  loopDelayP99Ms: { title: 'loop delay p99 ms', digits: 1 },
  // The same, the worst.
  loopDelayMaxMs: { title: 'loop delay max ms', digits: 1 },
  // Share of the time in which the server's event loop did something.
  loopUtilization: { title: 'loop busy', digits: 2 },
  // Garbage collections.
  gcPerSecond: { title: 'GCs a second', digits: 1 },
  // Those of them that went through the whole heap.
  majorGcPerSecond: { title: 'major GCs a second', digits: 2 },
  // The longest pause for garbage collection.
  gcMaxMs: { title: 'GC max ms', digits: 1 },
  // Share of the time that went into garbage collection.
  gcShare: { title: 'GC share', digits: 3 },
  // Time between two writes to a player, by the kernel's count of them.
  flushMs: { title: 'write every ms', digits: 0 },
  // Players refused, disconnected or, as far as is known, skipped ahead.
  lost: { title: 'lost', digits: 0 },
  // How often players skipped ahead, of our server; what else is lost was refused, came too late or was disconnected.
  skips: { title: 'skips', digits: 0 },
  // Share of the time in which the server's main threads could have run and had no processor.
  mainThreadWait: { title: 'main thread waits', digits: 3 },
  // How often the API was asked for everything.
  pollsPerSecond: { title: 'polls a second', digits: 2 },
  // What it answered, 10^6 bytes a second.
  pollMb: { title: 'answers MB/s', digits: 2 },
  // The longest that it took to answer everything.
  slowestPollMs: { title: 'slowest poll ms', digits: 0 },
  // Processor time of who polls by the time that passed.
  pollerCores: { title: 'poller cores', digits: 2 },
  // Processor time of the load generator by the time that passed.
  loadCores: { title: 'load cores', digits: 2 },
  // Share of all processors that were busy, with whatever.
  machineBusy: { title: 'machine busy', digits: 2 },
}

/** What one server did under one load. */
export type RunResult = Readonly<{
  /** As in the scenario. */
  label: string
  /** The server's name. */
  server: string
  /** How many players there were: runs with as many can be compared. */
  players: number
  /** What could be measured. */
  metrics: Readonly<Partial<Record<Metric, number>>>
  /**
   * Of a scenario with turns: what each window had, in the order of time; `metrics` then are the medians. Those of the same place in
   * both runs are a pair of neighbours.
   */
  windows?: readonly Readonly<Partial<Record<Metric, number>>>[]
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
  /** Of a scenario that was measured anew by itself, later than the rest: when, of what, and how. */
  anew?: Pick<BenchResult, 'date' | 'revision' | 'command'>
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

/** A result with scenarios in the place of its own, or beside them, that were measured by themselves on the same machine. */
export function withScenarios(result: BenchResult, part: BenchResult): BenchResult {
  const { date, revision, command } = part
  const anew = part.scenarios.map((scenario) => ({ ...scenario, anew: { date, revision, command } }))
  const others = result.scenarios.filter(({ id }) => anew.every((scenario) => scenario.id !== id))
  const scenarios = [...others, ...anew].sort((a, b) => a.id.localeCompare(b.id))
  return { ...result, servers: { ...result.servers, ...part.servers }, scenarios }
}

/** A number as people read it; an empty string for none. */
export function formatMetric(metric: Metric, value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(METRICS[metric].digits)
}
