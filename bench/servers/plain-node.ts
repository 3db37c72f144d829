import { compiledProgram } from '../lib/build.ts'
import { Child } from '../lib/child.ts'
import {
  type BenchServer,
  type InnerMetrics,
  NODE_FLAGS,
  type RunningServer,
  type ServerSetup,
} from './server.ts'
import { runningWriter } from './writer.ts'

const MAIN = new URL('./plain-node-main.ts', import.meta.url)

/** What it is started with, as JSON in its first argument. */
export type PlainNodeSetup = Pick<ServerSetup, 'bytesPerWrite' | 'intervalMs' | 'writesPerKeyframe'>

/** A program of sixty lines that only writes, by Node's `net`: what no server in Node can be cheaper than. */
export const plainNode: BenchServer = {
  name: 'plain-node',
  version: async () => `plain-node-main.ts, Node ${process.versions.node}`,
  async start({ bytesPerWrite, intervalMs, writesPerKeyframe }: ServerSetup): Promise<RunningServer> {
    const setup: PlainNodeSetup = { bytesPerWrite, intervalMs, writesPerKeyframe }
    const child = Child.fork('plain-node', compiledProgram(MAIN), [JSON.stringify(setup)], {
      execArgv: [...NODE_FLAGS],
    })
    const port = await child.message<number>()
    return runningWriter(child, port, () => child.ask<InnerMetrics>('metrics'))
  },
}
