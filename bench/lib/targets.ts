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

/** What a run of a scenario with rounds is called in one of them. @param round from 1 on */
export function labelInRound(label: string, round: number): string {
  return `${label} (${round})`
}

function find(
  { metric, of, over, minus, spread = false }: Target,
  runs: readonly RunResult[],
): number | null {
  /** Of all rounds, if there are any, the smallest first. */
  function numbersOf(wanted: string): number[] {
    return runs
      .filter(({ label }) => label === wanted || label.replace(/ \(\d+\)$/, '') === wanted)
      .flatMap(({ metrics }) => metrics[metric] ?? [])
      .sort((a, b) => a - b)
  }
  function numberOf(label: string): number | null {
    const numbers = numbersOf(label)
    const middle = numbers.slice(Math.floor((numbers.length - 1) / 2), Math.floor(numbers.length / 2) + 1)
    return middle.length === 0 ? null : middle.reduce((sum, each) => sum + each, 0) / middle.length
  }
  if (spread) {
    const numbers = numbersOf(of)
    const [least = 0, most = 0] = [numbers[0], numbers.at(-1)]
    return numbers.length < 2 || least === 0 ? null : most / least
  }
  const value = numberOf(of)
  const divisor = over === undefined ? 1 : numberOf(over)
  const taken = minus === undefined ? 0 : numberOf(minus)
  if (value === null || divisor === null || taken === null || divisor === 0) {
    return null
  }
  return (value - taken) / divisor
}
