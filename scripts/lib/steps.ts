/** One thing a run does. */
export type Step = Readonly<{
  /** One word. */
  name: string
  /** Names of steps without whose success it makes no sense. */
  needs?: readonly string[]
  /** Does it; whether it ended well. */
  run(): boolean
}>

/** How a step ended. */
export type StepResult = Readonly<{
  /** The step's name. */
  name: string
  /** `not run`: a step it needs did not end well. */
  outcome: 'ok' | 'failed' | 'not run'
  /** How long it took. */
  seconds: number
}>

/**
 * Runs steps in order. One that fails does not stop the others, except those that need it, so that one run shows every
 * problem there is.
 * @param now milliseconds of a monotone clock
 * @param say prints a line
 */
export function runSteps(
  steps: readonly Step[],
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): StepResult[] {
  const results: StepResult[] = []
  for (const { name, needs = [], run } of steps) {
    const absent = results.filter((result) => needs.includes(result.name) && result.outcome !== 'ok')
    if (absent.length > 0) {
      say(`\n== ${name}: not run, it needs ${absent.map((result) => result.name).join(', ')}`)
      results.push({ name, outcome: 'not run', seconds: 0 })
      continue
    }
    say(`\n== ${name}`)
    const start = now()
    const ok = run()
    const seconds = (now() - start) / 1000
    results.push({ name, outcome: ok ? 'ok' : 'failed', seconds })
    say(`== ${name}: ${ok ? 'ok' : 'FAILED'} in ${seconds.toFixed(1)} s`)
  }
  return results
}

/** One line for each step. */
export function summarize(results: readonly StepResult[]): string[] {
  return results.map(({ name, outcome, seconds }) => {
    const time = outcome === 'not run' ? '' : `${seconds.toFixed(1)} s`.padStart(9)
    return `  ${name.padEnd(12)}${(outcome === 'failed' ? 'FAILED' : outcome).padEnd(8)}${time}`.trimEnd()
  })
}
