import type { ProbeBench } from './probe-bench.ts'

/** What came of a probe; `unknown`: it could not be told. */
export type ProbeOutcome = 'pass' | 'fail' | 'unknown'

/** One question about a server. */
export type Probe = Readonly<{
  /** `group.name`, stable; what `only` chooses by. */
  id: string
  /** What is tried, in a few words. */
  title: string
  /** Document and section that ask for it; 'field' where no document does and clients need it all the same. */
  reference: string
  /** Tries it. Resolves if all is well; throws `ProbeFailure` or `ProbeUnknown` otherwise. */
  run(bench: ProbeBench): Promise<void>
}>

/** The server did what it should not, or did not do what it should. */
export class ProbeFailure extends Error {}

/** Whether the server does right could not be found out. */
export class ProbeUnknown extends Error {}

/** What a probe gave. */
export type ProbeResult = Readonly<{
  /** `Probe.id`. */
  id: string
  /** `Probe.title`. */
  title: string
  /** `Probe.reference`. */
  reference: string
  /** Pass, fail or unknown. */
  outcome: ProbeOutcome
  /** Why, in a line; '' for a pass. */
  reason: string
  /** How long it took, ms. */
  milliseconds: number
}>
