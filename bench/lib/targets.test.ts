import { describe, expect, it } from 'vitest'
import type { RunResult } from './results.ts'
import type { Target } from './scenario.ts'
import { checkTargets, labelInRound } from './targets.ts'

const runs: RunResult[] = [
  { label: 'ours', server: 'ours', players: 1, metrics: { cpuPerGb: 2, rssMaxMb: 110 }, failure: null },
  {
    label: 'other',
    server: 'nginx-rtmp',
    players: 1,
    metrics: { cpuPerGb: 8, rssMaxMb: 100 },
    failure: null,
  },
  { label: 'broken', server: 'floor', players: 1, metrics: {}, failure: 'not installed' },
]

describe('checkTargets', () => {
  it.each<[string, Omit<Target, 'text'>, number | null, boolean | null]>([
    ['a number', { metric: 'cpuPerGb', of: 'ours', atMost: 2 }, 2, true],
    ['a ratio', { metric: 'cpuPerGb', of: 'ours', over: 'other', atMost: 0.2 }, 0.25, false],
    ['a difference', { metric: 'rssMaxMb', of: 'ours', minus: 'other', atMost: 10 }, 10, true],
    [
      'a ratio to a run that failed',
      { metric: 'cpuPerGb', of: 'ours', over: 'broken', atMost: 1 },
      null,
      null,
    ],
    ['a number that was not measured', { metric: 'lost', of: 'ours', atMost: 0 }, null, null],
    ['a run that was left out', { metric: 'cpuPerGb', of: 'theirs', atMost: 1 }, null, null],
  ])('checks %s', (_name, target, value, met) => {
    expect(checkTargets([{ text: 't', ...target }], runs)).toEqual([
      { text: 't', value, atMost: target.atMost, met },
    ])
  })

  it.each<[string, Omit<Target, 'text'>, number | null]>([
    ['the median of each', { metric: 'cpuPerGb', of: 'b', over: 'a', atMost: 1 }, 2],
    ['how far those of one differ', { metric: 'cpuPerGb', of: 'a', spread: true, atMost: 1 }, 1.5],
    ['nothing of one that ran once', { metric: 'cpuPerGb', of: 'c', spread: true, atMost: 1 }, null],
  ])('looks, where there are rounds, at %s', (_name, target, value) => {
    const rounds = [
      ['a', 4],
      ['b', 9],
      ['a', 6],
      ['b', 10],
      ['a', 5],
      ['b', 30],
      ['c', 1],
    ] as const
    const results = rounds.map(([label, cpuPerGb], index): RunResult => {
      const round = Math.floor(index / 2) + 1
      return {
        label: labelInRound(label, round),
        server: 'ours',
        players: 1,
        metrics: { cpuPerGb },
        failure: null,
      }
    })
    expect(checkTargets([{ text: 't', ...target }], results)[0]?.value).toBe(value)
  })
})
