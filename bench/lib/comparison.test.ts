import { describe, expect, it } from 'vitest'
import { compareRuns, compareWithItself, comparisonTable } from './comparison.ts'
import type { RunResult } from './results.ts'

/** A run whose windows had these latencies. */
function runOf(label: string, latencies: readonly number[], more: RunResult['metrics'] = {}): RunResult {
  const windows = latencies.map((latencyP99Ms) => ({ latencyP99Ms, ...more }))
  return {
    label,
    server: 'ours',
    players: 9,
    metrics: { latencyP99Ms: latencies[0] ?? 0, ...more },
    windows,
    failure: null,
  }
}

const alone = runOf('left alone', [100, 110, 90, 105, 95, 100], { lost: 0 })

describe('runs that were measured in turn', () => {
  it.each([
    [1.3, 'more'],
    [0.7, 'less'],
    [1, 'no'],
  ])('that differ by %d are told apart: %s', (factor, told) => {
    const latencies = [101, 109, 91, 104, 96, 99].map((latency) => latency * factor)
    const [head, row] = comparisonTable([alone, runOf('polled', latencies)])
    expect(head).toEqual([
      ...['', 'left alone', 'least – most', 'polled', 'least – most', 'polled / left alone', '95 %'],
      ...['left alone by itself, 95 %', 'told apart'],
    ])
    expect(row?.slice(0, 3)).toEqual(['latency p99 ms', '100.0', '90.0 – 110.0'])
    expect(row?.[5]).toBe(factor.toFixed(2))
    expect(row?.at(-1)).toBe(told)
  })

  it('are compared pair by pair, so that what moves both does not matter', () => {
    const drifting = runOf('left alone', [1, 2, 4, 8, 16, 32])
    const polled = runOf('polled', [1.1, 2.2, 4.4, 8.8, 17.6, 35.2])
    const { from = 0, to = 0 } = compareRuns(drifting, polled, 'latencyP99Ms')?.interval ?? {}
    expect([from, to].map((value) => value.toFixed(6))).toEqual(['1.100000', '1.100000'])
  })

  it('have no ratio of what was counted as nothing, or not measured', () => {
    const [, , row] = comparisonTable([alone, runOf('polled', [1, 2, 3, 4, 5, 6], { lost: 2 })])
    expect(row).toEqual(['lost', '0', '0 – 0', '2', '2 – 2', '', '', '', ''])
    expect(compareRuns(alone, alone, 'latencyMaxMs')).toBeNull()
    expect(compareRuns(alone, runOf('polled', []), 'latencyP99Ms')).toBeNull()
  })

  it('show what a window leaves behind for the next', () => {
    // Each second window left alone comes after one that was polled.
    const burdened = Array.from({ length: 13 }, (_none, index) => (index % 2 === 1 ? 60 : 50))
    const { from = 0 } = compareWithItself(runOf('left alone', burdened), 'latencyP99Ms')?.interval ?? {}
    expect(from).toBeCloseTo(1.2)
  })
})
