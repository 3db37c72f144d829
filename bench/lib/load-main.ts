/**
 * One part of a load in a process of its own, for `load.ts`. The options come as JSON in the first argument. It begins at
 * once, tells what it counted whenever it is asked, and goes on until it is ended.
 */
import process from 'node:process'
import { LoadRun } from '../../src/load/load-run.ts'
import { resolveLoadOptions } from '../../src/load/options.ts'
import type { LoadPartOptions, LoadQuestion } from './load.ts'

const { part, ...options } = JSON.parse(process.argv[2] ?? '{}') as LoadPartOptions
const run = new LoadRun(resolveLoadOptions(options), part)

process.on('message', (question: LoadQuestion) => {
  if (question === 'forget gaps') {
    run.forgetGaps()
  }
  process.send?.(run.snapshot())
})
process.on('disconnect', () => process.exit())

await run.publish()
await run.play()
