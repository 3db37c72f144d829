import { type ExpositionWriter, formatLabels } from '../metrics/index.ts'
import type { HookOutbox } from './hook-outbox.ts'
import type { HookStatistics } from './hook-statistics.ts'

/** What hooks have counted. */
export type HookMetricsSources = Readonly<{
  /** Calls. */
  statistics: HookStatistics
  /** Notifications. */
  outbox: Pick<HookOutbox, 'depth' | 'bytes' | 'delivered' | 'dropped' | 'diskFailing'>
}>

/** Metrics of hooks, for Prometheus: how calls went and how long they took, and what waits in the outbox. */
export function writeHookMetrics(writer: ExpositionWriter, { statistics, outbox }: HookMetricsSources): void {
  const calls = writer.begin(
    'srs_hook_calls_total',
    'counter',
    'Calls of HTTP hooks, by event and by what came of them.',
  )
  for (const [event, counts] of statistics.byEvent) {
    for (const outcome of ['allowed', 'refused', 'unavailable'] as const) {
      calls(counts[outcome], formatLabels({ event, outcome }))
    }
  }
  writer.histogramOfMs(
    'srs_hook_duration_seconds',
    'How long calls of HTTP hooks took, waiting for a connection included.',
    [...statistics.byEvent].map(([event, { latencyMs }]) => [formatLabels({ event }), latencyMs] as const),
  )
  writer.gauge(
    'srs_hook_calls_in_flight',
    'Calls of HTTP hooks that have no answer yet.',
    statistics.inFlight,
  )
  writer.gauge('srs_hook_outbox_notifications', 'Notifications that hooks have not taken yet.', outbox.depth)
  writer.gauge('srs_hook_outbox_bytes', 'Bytes of notifications that hooks have not taken yet.', outbox.bytes)
  writer.gauge(
    'srs_hook_outbox_disk_failing',
    '1 while notifications are in memory only since the disk of the outbox fails.',
    outbox.diskFailing ? 1 : 0,
  )
  writer.counter(
    'srs_hook_notifications_delivered_total',
    'Notifications that hooks have taken.',
    outbox.delivered,
  )
  const dropped = writer.begin(
    'srs_hook_notifications_dropped_total',
    'counter',
    'Notifications that were given up: the outbox was full, or they were too old.',
  )
  for (const why of ['full', 'expired'] as const) {
    dropped(outbox.dropped[why], formatLabels({ why }))
  }
}
