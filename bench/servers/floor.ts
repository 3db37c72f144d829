import { fileURLToPath } from 'node:url'
import { createStampNalUnit } from '../../src/load/stamp.ts'
import { Child } from '../lib/child.ts'
import { compile } from '../lib/tools.ts'
import type { BenchServer, RunningServer, ServerSetup } from './server.ts'
import { runningWriter } from './writer.ts'

const SOURCE = fileURLToPath(new URL('../floor.c', import.meta.url))

/** The C program that only writes: what the kernel takes for the same writes on the same schedule. */
export const floor: BenchServer = {
  name: 'floor',
  version: async () => 'floor.c, compiled with -O2',
  async start({ intervalMs, bytesPerWrite, writesPerKeyframe }: ServerSetup): Promise<RunningServer> {
    const stamp = Buffer.from(createStampNalUnit()).toString('hex')
    const args = [Math.round(intervalMs * 1000), Math.round(bytesPerWrite), writesPerKeyframe, stamp]
    const child = Child.spawn('floor', compile(SOURCE, 'floor'), args.map(String))
    const port = Number(await child.outputMatching(/^(\d+)$/m))
    return runningWriter(child, port, async () => ({}))
  },
}
