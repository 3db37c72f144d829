/**
 * A load in a process of its own, for `load.ts`: options come as JSON in the first argument; it tells how far it is once a
 * second, and goes on until it is ended.
 */
import process from 'node:process'
import { type LoadSnapshot, runLoad } from '../../src/load/index.ts'

process.on('disconnect', () => process.exit())

const options = JSON.parse(process.argv[2] ?? '{}')
await runLoad({ ...options, durationSeconds: Number.POSITIVE_INFINITY }, ({ snapshot }) => {
  process.send?.(snapshot satisfies LoadSnapshot)
})
