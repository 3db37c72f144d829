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

function find({ metric, of, over, minus }: Target, runs: readonly RunResult[]): number | null {
  function numberOf(label: string): number | null {
    return runs.find((run) => run.label === label)?.metrics[metric] ?? null
  }
  const value = numberOf(of)
  const divisor = over === undefined ? 1 : numberOf(over)
  const taken = minus === undefined ? 0 : numberOf(minus)
  if (value === null || divisor === null || taken === null || divisor === 0) {
    return null
  }
  return (value - taken) / divisor
}
