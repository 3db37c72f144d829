/**
 * The fuzzer: `npm run fuzz -- --minutes 5 --target chunk,amf0 --seed 7`. See README.md beside it.
 */
import { readFileSync } from 'node:fs'
import { inspect, parseArgs } from 'node:util'
import { readCorpus, saveCrasher } from './lib/corpus.ts'
import { type FoundInput, TargetFuzzer } from './lib/fuzzer.ts'
import { describeResources, measureResources, type Resources } from './lib/resources.ts'
import type { Target } from './lib/target.ts'
import { Watchdog } from './lib/watchdog.ts'
import { TARGETS } from './targets/index.ts'

/** Time that one target has before it is another's turn, ms. */
const TURN_MS = 500
const PROGRESS_MS = 10_000
/** Inputs saved of those that were found to do the same. */
const MAX_FILES_PER_KIND = 2
/** More than this at the end than at the beginning is a leak; less is what V8 keeps for itself. */
const MAX_GROWTH_BYTES = 48 * 1024 * 1024

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    target: { type: 'string' },
    seed: { type: 'string' },
    file: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
const findings: string[] = []
/** How often each was found. */
const kinds = new Map<string, number>()
const watchdog = new Watchdog()
let running: { target: string; input: Uint8Array } | null = null

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function fail(message: string): never {
  process.stderr.write(`fuzz: ${message}\n`)
  process.exit(2)
}

function chosenTargets(): Target[] {
  const names = values.target?.split(',') ?? TARGETS.map(({ name }) => name)
  return names.map(
    (name) =>
      TARGETS.find((target) => target.name === name) ??
      fail(`no target '${name}'; there are ${TARGETS.map((target) => target.name).join(', ')}`),
  )
}

function report({ target, input, error }: FoundInput, seed: number): void {
  const kind = `${target} ${String(error).replace(/\d+/g, '#')}`
  const times = (kinds.get(kind) ?? 0) + 1
  kinds.set(kind, times)
  if (times > MAX_FILES_PER_KIND) {
    return
  }
  const path = saveCrasher(target, input)
  findings.push(path)
  say(`\nFINDING in ${target}: ${inspect(error)}`)
  say(`  saved as ${path} (seed ${seed}); again: npm run fuzz -- --target ${target} --file ${path}\n`)
}

async function judge(fuzzer: TargetFuzzer, input: Uint8Array, seed: number): Promise<void> {
  const target = fuzzer.target.name
  watchdog.begin(target, input)
  running = { target, input }
  const found = await fuzzer.judge(input)
  running = null
  if (found !== null) {
    report(found, seed)
  }
}

async function fuzz(fuzzers: readonly TargetFuzzer[], seed: number, minutes: number): Promise<void> {
  const end = performance.now() + minutes * 60_000
  let nextProgress = performance.now() + PROGRESS_MS
  while (performance.now() < end) {
    for (const fuzzer of fuzzers) {
      const turnEnd = Math.min(end, performance.now() + TURN_MS)
      while (performance.now() < turnEnd) {
        await judge(fuzzer, fuzzer.next(), seed)
      }
    }
    if (performance.now() > nextProgress) {
      nextProgress += PROGRESS_MS
      const inputs = fuzzers.reduce((sum, each) => sum + each.inputs, 0)
      const left = Math.max(0, Math.round((end - performance.now()) / 1000))
      const resident = Math.round(process.memoryUsage().rss / 2 ** 20)
      say(`${inputs} inputs, ${findings.length} findings, ${resident} MiB resident, ${left} s left`)
    }
  }
}

function describe(fuzzer: TargetFuzzer): string {
  const { target, inputs, milliseconds, kinds } = fuzzer
  const rate = milliseconds === 0 ? 0 : Math.round((inputs / milliseconds) * 1000)
  return `  ${target.name.padEnd(18)}${`${inputs}`.padStart(10)} inputs${`${rate}`.padStart(8)} /s${`${kinds}`.padStart(6)} kinds of outcome`
}

function checkGrowth(before: Resources, after: Resources): void {
  const held = ({ heapBytes, bufferBytes }: Resources): number => heapBytes + bufferBytes
  if (held(after) - held(before) > MAX_GROWTH_BYTES) {
    findings.push('memory')
    say(
      `FINDING: ${Math.round((held(after) - held(before)) / 2 ** 20)} MiB more are held than at the beginning`,
    )
  }
  for (const [kind, count] of Object.entries(after.handles)) {
    if (count > (before.handles[kind] ?? 0)) {
      findings.push('handles')
      say(`FINDING: ${count} handles ${kind}, ${before.handles[kind] ?? 0} at the beginning`)
    }
  }
}

async function main(): Promise<void> {
  if (values.help === true) {
    say('npm run fuzz -- [--minutes N] [--target NAME,...] [--seed N] [--file PATH]')
    say(`targets: ${TARGETS.map(({ name }) => name).join(', ')}`)
    return
  }
  const minutes = Number(values.minutes)
  const seed = values.seed === undefined ? Date.now() % 0x7fffffff : Number(values.seed)
  if (!(minutes > 0) || !Number.isInteger(seed)) {
    fail('--minutes is a number above 0, --seed a whole number')
  }
  const fuzzers = chosenTargets().map((target) => new TargetFuzzer(target, seed))
  const before = await measureResources()
  for (const { target } of fuzzers) {
    await target.start?.()
  }
  for (const fuzzer of fuzzers) {
    const inputs =
      values.file === undefined ? readCorpus(fuzzer.target.name) : [{ bytes: readFileSync(values.file) }]
    for (const { bytes } of inputs) {
      await judge(fuzzer, bytes, seed)
    }
  }
  if (values.file === undefined) {
    say(`seed ${seed}, ${fuzzers.length} targets, ${minutes} minutes`)
    await fuzz(fuzzers, seed, minutes)
  }
  for (const { target } of fuzzers) {
    try {
      await target.stop?.()
    } catch (error) {
      findings.push(target.name)
      say(`FINDING at the end of ${target.name}: ${inspect(error)}`)
    }
  }
  const after = await measureResources()
  say(fuzzers.map(describe).join('\n'))
  say(`before: ${describeResources(before)}\nafter:  ${describeResources(after)}`)
  checkGrowth(before, after)
  await watchdog.stop()
  for (const [kind, times] of kinds) {
    say(`found ${times} times: ${kind}`)
  }
  say(findings.length === 0 ? 'nothing found' : `${findings.length} findings`)
  // What is left behind was counted; it must not keep the process.
  process.exit(findings.length === 0 ? 0 : 1)
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const { target, input } = running ?? { target: 'unknown', input: new Uint8Array(0) }
    report({ target, input, error: new Error(event, { cause: error }) }, Number(values.seed ?? 0))
  })
}
await main()
