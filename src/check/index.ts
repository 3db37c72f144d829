export type { ProbeOutcome, ProbeResult } from './probe.ts'
export {
  type CheckOptions,
  type CheckReport,
  DEFAULT_CHECK_TIMEOUT_MS,
  listProbes,
  runCheck,
} from './run-check.ts'
export { MAX_PROBE_TIMEOUTS, SERVER_GONE } from './run-probe.ts'
