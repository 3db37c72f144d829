import { compareRuns } from './comparison.ts'
import type { RunResult, TargetResult } from './results.ts'
import type { Target } from './scenario.ts'

/** Looks at the results of a scenario's runs and says which of its targets are met. */
export function checkTargets(targets: readonly Target[], runs: readonly RunResult[]): TargetResult[] {
  return targets.map((target) => {
    const value = find(target, runs)
    return {
      text: target.text,
      value,
      atMost: target.atMost,
      met: value === null ? null : value <= target.atMost,
    }
  })
}

function find({ metric, of, over, minus, end }: Target, runs: readonly RunResult[]): number | null {
  const [run, base] = [of, over].map((wanted) => runs.find(({ label }) => label === wanted))
  if (run?.windows !== undefined && base?.windows !== undefined) {
    const ratio = compareRuns(base, run, metric)
    return (end === undefined ? ratio?.estimate : ratio?.interval?.[end]) ?? null
  }
  const numberOf = (label: string): number | undefined =>
    runs.find((each) => each.label === label)?.metrics[metric]
  const value = numberOf(of)
  const divisor = over === undefined ? 1 : numberOf(over)
  const taken = minus === undefined ? 0 : numberOf(minus)
  if (value === undefined || divisor === undefined || taken === undefined || divisor === 0) {
    return null
  }
  return (value - taken) / divisor
}
