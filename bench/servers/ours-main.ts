/**
 * Our server in a process of its own, for `ours.ts`: listens on free ports of 127.0.0.1 and tells them; then tells how it
 * is whenever it is asked. Its `OursSetup` comes as JSON in the first argument. Run with `--expose-gc`.
 */
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'
import process from 'node:process'
import { createServer } from '../../src/index.ts'
import type { OursAnswer, OursQuestion, OursSetup } from './ours-messages.ts'
import type { InnerMetrics } from './server.ts'

/** How often the event loop is asked whether it is late, ms; a histogram has this on top of every delay. */
const DELAY_RESOLUTION_MS = 5
/** More connections than any scenario makes. */
const MAX_CONNECTIONS = 100_000

const { broadcast, certificate } = JSON.parse(process.argv[2] ?? '') as OursSetup
const rtmp = { host: '127.0.0.1', port: 0, maxConnections: MAX_CONNECTIONS }
const http = { host: '127.0.0.1', port: 0, page: false }
const server = await createServer({
  ...{ rtmp, http, broadcast, exporter: { host: '127.0.0.1', port: 0 } },
  ...(certificate === null ? {} : { rtmps: { ...rtmp, ...certificate }, https: { ...http, ...certificate } }),
})

const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
let gc = { totalMs: 0, maxMs: 0 }
new PerformanceObserver((list) => countCollections(list.getEntries())).observe({ entryTypes: ['gc'] })
let utilization = performance.eventLoopUtilization()
/** Of the window, once it is over. */
let window: InnerMetrics = {}

process.on('message', (question: OursQuestion) => answer(question))
process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => {
  void server.close().then(() => process.exit())
})
send({
  rtmpUrl: server.rtmpUrl,
  httpUrl: server.httpUrl,
  rtmpsUrl: certificate === null ? null : server.rtmpsUrl,
  httpsUrl: certificate === null ? null : server.httpsUrl,
})

function answer(question: OursQuestion): void {
  switch (question) {
    case 'begin':
      gc = { totalMs: 0, maxMs: 0 }
      utilization = performance.eventLoopUtilization()
      send({})
      return
    case 'watch':
      window = {
        eventLoopUtilization: performance.eventLoopUtilization(utilization).utilization,
        gcTotalMs: gc.totalMs,
        gcMaxMs: gc.maxMs,
      }
      delays.enable()
      send({})
      return
    case 'metrics':
      send(metrics())
      return
  }
}

function metrics(): InnerMetrics {
  // Read first: the collection below is not the server's doing.
  const watched = {
    eventLoopDelayP99Ms: delayMs(delays.percentile(99)),
    eventLoopDelayMaxMs: delayMs(delays.max),
  }
  delays.disable()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return { ...window, ...watched, usedBytes: heapUsed + external, skips: countSkips() }
}

/** By the counters of all streams and wire formats. */
function countSkips(): number {
  const counters = server.streams.flatMap((stream) => [...stream.formatCounters.values()])
  return counters.reduce((sum, each) => sum + (new Map(Object.entries(each)).get('skips') ?? 0), 0)
}

function countCollections(entries: readonly { duration: number }[]): void {
  for (const { duration } of entries) {
    gc.totalMs += duration
    gc.maxMs = Math.max(gc.maxMs, duration)
  }
}

function delayMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS)
}

function send(message: OursAnswer): void {
  process.send?.(message)
}
