/**
 * What `npm test` runs. With names of steps it runs those only: `node scripts/test.ts types lint`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { REPOSITORY } from './lib/files.ts'
import { runSteps, type Step, summarize } from './lib/steps.ts'
import { countTests, sumCounts, type TestCounts } from './lib/test-counts.ts'

const counts: TestCounts[] = []

const STEPS: readonly Step[] = [
  { name: 'prepare', run: () => script('prepare-tests.ts') },
  { name: 'types', run: () => all(['tsc', '-p', 'tsconfig.json'], ['tsc', '-p', 'web']) },
  { name: 'lint', run: () => command('biome', 'ci', '.') },
  { name: 'layers', run: () => script('check-layers.ts') },
  { name: 'sizes', run: () => script('check-sizes.ts') },
  { name: 'docblocks', run: () => script('check-docblocks.ts') },
  { name: 'lockfile', run: () => script('check-lockfile.ts') },
  { name: 'build', run: build },
  { name: 'unit', run: () => vitest('unit') },
  { name: 'e2e', needs: ['prepare', 'build'], run: () => vitest('e2e', 'undisturbed', 'alone') },
]

function build(): boolean {
  // What was built from a file that is gone must not stay.
  rmSync(join(REPOSITORY, 'dist'), { recursive: true, force: true })
  return all(['tsc', '-p', 'tsconfig.build.json'], ['vite', 'build', 'web', '--logLevel', 'warn'])
}

/** Runs commands to the last even if one fails. */
function all(...commands: readonly [string, ...string[]][]): boolean {
  return commands.map((each) => command(...each)).every((ok) => ok)
}

function script(name: string, ...args: string[]): boolean {
  return command(process.execPath, join('scripts', name), ...args)
}

function command(name: string, ...args: string[]): boolean {
  const path = [join(REPOSITORY, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const { status, error } = spawnSync(name, args, {
    cwd: REPOSITORY,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error !== undefined) {
    console.log(`${name}: ${error.message}`)
  }
  return status === 0
}

function vitest(...projects: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'vitest-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  // A forgotten `.only` would hide the other tests.
  const chosen = projects.map((project) => `--project=${project}`)
  const ok = command('vitest', 'run', ...chosen, '--allowOnly=false', ...reporters)
  counts.push(countTests(readOrNull(report), ok))
  rmSync(folder, { recursive: true })
  return ok
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !STEPS.some((step) => step.name === name))
if (unknown.length > 0) {
  console.log(`no such step: ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}`)
  process.exit(2)
}
const results = runSteps(
  STEPS.filter((step) => chosen.length === 0 || chosen.includes(step.name)),
  (line) => {
    console.log(line)
  },
)
const failed = results.filter((result) => result.outcome !== 'ok').map((result) => result.name)
console.log(`\n${summarize(results).join('\n')}\n`)
const { passed, failed: failedTests, skipped } = sumCounts(counts)
console.log(failed.length === 0 ? 'Everything is well.' : `Not well: ${failed.join(', ')}.`)
if (skipped > 0) {
  console.log(`${skipped} tests were skipped.`)
}
if (counts.length > 0) {
  console.log(`${passed} passed, ${failedTests} failed`)
}
process.exitCode = failed.length === 0 ? 0 : 1
