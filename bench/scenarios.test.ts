import { describe, expect, it } from 'vitest'
import { readFile } from '../scripts/lib/files.ts'
import { FULL, QUICK, scenarios } from './scenarios.ts'

describe.each([
  ['full', FULL],
  ['quick', QUICK],
])('%s scenarios', (_name, scale) => {
  const all = scenarios(scale)

  it('have a letter and labels of their own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    for (const { runs } of all) {
      expect(new Set(runs.map(({ label }) => label)).size).toBe(runs.length)
    }
  })

  it('have targets only on runs that they have', () => {
    for (const { id, runs, targets } of all) {
      const labels = runs.map(({ label }) => label)
      for (const { of, over = of, minus = of } of targets) {
        expect(labels, `scenario ${id}`).toEqual(expect.arrayContaining([of, over, minus]))
      }
    }
  })

  it('give the floor and plain Node an interval, of its own or of an earlier run', () => {
    for (const { id, runs } of all) {
      for (const [index, run] of runs.entries()) {
        const earlier: unknown[] = runs.slice(0, index).map(({ label }) => label)
        const known = typeof run.interval === 'number' || earlier.includes(run.interval)
        expect(known, `scenario ${id}, ${run.label}`).toBe(
          run.server === 'floor' || run.server === 'plain-node',
        )
      }
    }
  })

  it('sample no more players than there are', () => {
    for (const { load } of all.flatMap(({ runs }) => runs)) {
      expect(load.sampled).toBeLessThanOrEqual(load.players)
    }
  })
})

it('every scenario has its place in docs/performance.md', () => {
  const { text } = readFile('docs/performance.md')
  const missing = scenarios(FULL).filter(({ id }) => !text.includes(`<!-- bench:scenario-${id} -->`))
  expect(missing.map(({ id }) => id)).toEqual([])
})
