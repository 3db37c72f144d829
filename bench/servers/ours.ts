import { fileURLToPath } from 'node:url'
import { VERSION } from '../../src/base/index.ts'
import { Child } from '../lib/child.ts'
import type { BenchServer, InnerMetrics, RunningServer, ServerSetup } from './server.ts'

/** What `ours-main.ts` is asked: to begin a window, or how it went. */
export type OursQuestion = 'begin' | 'metrics'

/** What it answers; the first message comes unasked. */
export type OursAnswer = Readonly<{ rtmpUrl: string; httpUrl: string }> | InnerMetrics

const MAIN = fileURLToPath(new URL('./ours-main.ts', import.meta.url))

/** This project's server, in one process. */
export const ours: BenchServer = {
  name: 'ours',
  version: async () => `simple-rtmp-server ${VERSION}, Node ${process.versions.node}`,
  async start({ broadcast }: ServerSetup): Promise<RunningServer> {
    const child = Child.fork('ours', MAIN, [JSON.stringify(broadcast)], { execArgv: ['--expose-gc'] })
    const { rtmpUrl, httpUrl } = await child.message<{ rtmpUrl: string; httpUrl: string }>()
    return {
      rtmpUrl,
      flvUrl: httpUrl,
      wsUrl: httpUrl.replace(/^http/, 'ws'),
      pids: () => [child.pid],
      beginWindow: async () => {
        await child.ask('begin' satisfies OursQuestion)
      },
      innerMetrics: () => child.ask<InnerMetrics>('metrics' satisfies OursQuestion),
      stop: () => child.stop(),
    }
  },
}
