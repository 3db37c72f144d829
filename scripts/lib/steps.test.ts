import { describe, expect, it } from 'vitest'
import { runSteps, type Step, summarize } from './steps.ts'

/** Runs steps on a clock that moves 1.5 s each time it is read. */
function run(steps: readonly (Omit<Step, 'run'> & { ok: boolean })[]): { summary: string[]; ran: string[] } {
  let time = 0
  const ran: string[] = []
  const results = runSteps(
    steps.map(({ ok, ...step }) => ({
      ...step,
      run: () => {
        ran.push(step.name)
        return ok
      },
    })),
    () => {},
    () => {
      time += 1500
      return time
    },
  )
  return { summary: summarize(results), ran }
}

describe('runSteps', () => {
  it('goes on after a failure, without the steps that need what failed', () => {
    const { ran, summary } = run([
      { name: 'prepare', ok: false },
      { name: 'types', ok: true },
      { name: 'build', ok: false },
      { name: 'unit', needs: ['types'], ok: true },
      { name: 'e2e', needs: ['prepare', 'build'], ok: true },
      { name: 'after', needs: ['e2e'], ok: true },
    ])
    expect(ran).toEqual(['prepare', 'types', 'build', 'unit'])
    expect(summary).toEqual([
      '  prepare     FAILED      1.5 s',
      '  types       ok          1.5 s',
      '  build       FAILED      1.5 s',
      '  unit        ok          1.5 s',
      '  e2e         not run',
      '  after       not run',
    ])
  })

  it('does not miss a needed step that is not part of the run', () => {
    expect(run([{ name: 'e2e', needs: ['prepare'], ok: true }]).ran).toEqual(['e2e'])
  })
})
