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
const bench = new Bench({ time, warmupTime: time / 4 })
/** What keeps the compiler from leaving out work whose result nobody has. */
let kept: unknown
for (const { name, run } of benches) {
  bench.add(name, () => {
    kept = run()
  })
}
await bench.run()
const results = bench.tasks.map((task, index): MicroResult => {
  const { result } = task
  if (result.state !== 'completed') {
    throw new Error(`${task.name}: ${result.state}`)
  }
  return {
    name: task.name,
    microseconds: result.latency.p50 * 1000,
    mediaSeconds: benches[index]?.mediaSeconds ?? null,
  }
})
process.stdout.write(JSON.stringify(results), () => process.exit(kept === undefined ? 1 : 0))
