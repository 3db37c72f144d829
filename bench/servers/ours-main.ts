/**
 * Our server in a process of its own, for `ours.ts`: listens on free ports of 127.0.0.1 and tells them; then tells how it
 * is whenever it is asked. Its `OursSetup` comes as JSON in the first argument. Run with `--expose-gc`.
 */
import {
  constants,
  monitorEventLoopDelay,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks'
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
const noCollections = { gcCount: 0, majorGcCount: 0, gcTotalMs: 0, gcMaxMs: 0 }
let gc = { ...noCollections }
const collections = new PerformanceObserver((list) => countCollections(list.getEntries()))
collections.observe({ entryTypes: ['gc'] })
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
      begin()
      send({})
      return
    case 'watch':
      window = end()
      delays.enable()
      send({})
      return
    case 'open':
      begin()
      delays.enable()
      delays.reset()
      send({ skips: countSkips() })
      return
    case 'close':
      send({ ...end(), ...delayMetrics(), skips: countSkips() })
      return
    case 'metrics':
      send(metrics())
      return
  }
}

function begin(): void {
  // Those that nobody was told of yet were before.
  collections.takeRecords()
  gc = { ...noCollections }
  utilization = performance.eventLoopUtilization()
}

function end(): InnerMetrics {
  countCollections(collections.takeRecords())
  return { eventLoopUtilization: performance.eventLoopUtilization(utilization).utilization, ...gc }
}

function delayMetrics(): InnerMetrics {
  return { eventLoopDelayP99Ms: delayMs(delays.percentile(99)), eventLoopDelayMaxMs: delayMs(delays.max) }
}

function metrics(): InnerMetrics {
  // Read first: the collection below is not the server's doing.
  const watched = delayMetrics()
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

function countCollections(entries: readonly PerformanceEntry[]): void {
  for (const entry of entries) {
    const { duration, detail } = entry as PerformanceEntry & { detail: NodeGCPerformanceDetail }
    gc.gcCount++
    gc.majorGcCount += detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR ? 1 : 0
    gc.gcTotalMs += duration
    gc.gcMaxMs = Math.max(gc.gcMaxMs, duration)
  }
}

function delayMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS)
}

function send(message: OursAnswer): void {
  process.send?.(message)
}
