import { performance } from 'node:perf_hooks'
import process from 'node:process'
import type { RuntimeReadings } from '../system/index.ts'
import { type ExpositionWriter, formatLabels } from './exposition.ts'

/** The process and Node, by the names that dashboards for Node know. */
export function writeRuntimeMetrics(writer: ExpositionWriter, runtime: RuntimeReadings): void {
  const { user, system } = process.cpuUsage()
  writer.counter('process_cpu_user_seconds_total', 'Processor time in programs.', user / 1e6)
  writer.counter('process_cpu_system_seconds_total', 'Processor time in the kernel.', system / 1e6)
  writer.counter('process_cpu_seconds_total', 'Processor time.', (user + system) / 1e6)
  writer.gauge(
    'process_start_time_seconds',
    'When the process began, since the Unix epoch.',
    performance.timeOrigin / 1000,
  )
  const memory = process.memoryUsage()
  writer.gauge('process_resident_memory_bytes', 'Memory of the process that is not swapped out.', memory.rss)
  writer.gauge('nodejs_heap_size_total_bytes', 'Memory that JavaScript has for its values.', memory.heapTotal)
  writer.gauge('nodejs_heap_size_used_bytes', 'Memory that its values take.', memory.heapUsed)
  writer.gauge('nodejs_external_memory_bytes', 'Memory outside of it, buffers included.', memory.external)
  writer.gauge('nodejs_array_buffers_bytes', 'Memory of buffers.', memory.arrayBuffers)
  const { active, idle } = performance.eventLoopUtilization()
  writer.counter(
    'nodejs_eventloop_active_seconds_total',
    'Time in which the event loop was busy.',
    active / 1000,
  )
  writer.counter('nodejs_eventloop_idle_seconds_total', 'Time in which it had nothing to do.', idle / 1000)
  const { meanMs, p50Ms, p90Ms, p99Ms, maxMs } = runtime.readEventLoop()
  const since = 'since the scrape before'
  writer.gauge(
    'nodejs_eventloop_lag_mean_seconds',
    `How late the event loop was on average, ${since}.`,
    meanMs / 1000,
  )
  writer.gauge('nodejs_eventloop_lag_p50_seconds', `50 of 100 turns were not later, ${since}.`, p50Ms / 1000)
  writer.gauge('nodejs_eventloop_lag_p90_seconds', `90 of 100 turns were not later, ${since}.`, p90Ms / 1000)
  writer.gauge('nodejs_eventloop_lag_p99_seconds', `99 of 100 turns were not later, ${since}.`, p99Ms / 1000)
  writer.gauge('nodejs_eventloop_lag_max_seconds', `No turn was later, ${since}.`, maxMs / 1000)
  writer.histogramOfMs(
    'nodejs_gc_duration_seconds',
    'Pauses for collections of garbage, by kind.',
    [...runtime.pauses].map(([kind, pauses]) => [formatLabels({ kind }), pauses] as const),
  )
}
