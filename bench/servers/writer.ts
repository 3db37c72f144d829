import type { Child } from '../lib/child.ts'
import type { InnerMetrics, RunningServer } from './server.ts'

/** A program that only writes, as a server: to whoever comes to its one port. */
export function runningWriter(
  child: Child,
  port: number,
  innerMetrics: () => Promise<InnerMetrics>,
): RunningServer {
  return {
    rtmpUrl: null,
    flvUrl: `http://127.0.0.1:${port}`,
    wsUrl: null,
    pids: () => [child.pid],
    beginWindow: async () => {},
    watchLoop: null,
    innerMetrics,
    stop: () => child.stop(),
  }
}
