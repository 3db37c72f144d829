import { describe, expect, it } from 'vitest'
import type { RunResult } from './results.ts'
import type { Target } from './scenario.ts'
import { checkTargets } from './targets.ts'

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
    ['the ratio of pairs', { metric: 'cpuPerGb', of: 'b', over: 'a', atMost: 1 }, 1.5],
    ['the least it may be', { metric: 'cpuPerGb', of: 'b', over: 'a', end: 'from', atMost: 1 }, 1.25],
    ['the most it may be', { metric: 'cpuPerGb', of: 'b', over: 'a', end: 'to', atMost: 1 }, 1.8],
    [
      'nothing that was not measured',
      { metric: 'latencyMaxMs', of: 'b', over: 'a', end: 'to', atMost: 1 },
      null,
    ],
    ['the sum of what is counted', { metric: 'lost', of: 'b', atMost: 0 }, 3],
  ])('looks, of runs that were measured in turn, at %s', (_name, target, value) => {
    const factors = [1.25, 1.5, 1.8, 1.5, 1.5, 1.5]
    const [a, b] = [
      { label: 'a', windows: factors.map((_factor, index) => ({ cpuPerGb: 2 ** index })), metrics: {} },
      {
        label: 'b',
        windows: factors.map((factor, index) => ({ cpuPerGb: 2 ** index * factor })),
        metrics: { lost: 3 },
      },
    ].map((run): RunResult => ({ ...run, server: 'ours', players: 1, failure: null }))
    const results = [a, b].filter((run) => run !== undefined)
    const found = checkTargets([{ text: 't', ...target }], results)[0]?.value ?? null
    expect(found === null ? null : Number(found.toFixed(9))).toBe(value)
  })
})
