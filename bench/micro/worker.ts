/**
 * Runs the benches of one file and prints their times as JSON, for `run.ts`. In a process of its own, so that no file's
 * code is compiled for what another one does: `node worker.ts FILE MILLISECONDS`.
 */
import { pathToFileURL } from 'node:url'
import { Bench } from 'tinybench'
import type { MicroBench, MicroResult } from './micro-bench.ts'

const [file = '', milliseconds = '500'] = process.argv.slice(2)
const { benches } = (await import(pathToFileURL(file).href)) as { benches: readonly MicroBench[] }
const time = Number(milliseconds)
/** What keeps the compiler from leaving out work whose result nobody has. */
let kept: unknown
const results: MicroResult[] = []
for (const each of benches) {
  const { name, mediaSeconds = null, isLong = false } = each
  const microseconds = isLong ? await processorTimeOf(each) : await medianOf(each)
  results.push({ name, microseconds, mediaSeconds })
}
process.stdout.write(JSON.stringify(results), () => process.exit(kept === undefined ? 1 : 0))

/** The median of what a run took, microseconds. */
async function medianOf({ name, run }: MicroBench): Promise<number> {
  const bench = new Bench({ time, warmupTime: time / 4 })
  bench.add(name, () => {
    kept = run()
  })
  const [task] = await bench.run()
  if (task?.result.state !== 'completed') {
    throw new Error(`${name}: ${task?.result.state}`)
  }
  return task.result.latency.p50 * 1000
}

/** What a run took of the processor on average, collections of garbage included, microseconds. */
async function processorTimeOf({ run, before = () => {} }: MicroBench): Promise<number> {
  await repeat(run, before, time / 2)
  return await repeat(run, before, time * 2)
}

/** Runs for so long, all told; gives what a run took of the processor on average, microseconds. */
async function repeat(run: MicroBench['run'], before: () => void, forMs: number): Promise<number> {
  const end = performance.now() + forMs
  let runs = 0
  let microseconds = 0
  do {
    before()
    const begin = process.cpuUsage()
    kept = await run()
    const { user, system } = process.cpuUsage(begin)
    microseconds += user + system
    runs++
  } while (performance.now() < end)
  return microseconds / runs
}
