import { expect, it } from 'vitest'
import { ExpositionWriter } from '../metrics/index.ts'
import { writeHookMetrics } from './hook-metrics.ts'
import { HookStatistics } from './hook-statistics.ts'

it('metrics of hooks tell calls by event and outcome, how long they took, and what waits', () => {
  const statistics = new HookStatistics()
  statistics.add('on_publish', 'allowed', 3)
  statistics.add('on_publish', 'refused', 40_000)
  statistics.add('on_stop', 'unavailable', 1)
  statistics.inFlight = 2
  const outbox = {
    depth: 5,
    bytes: 700,
    delivered: 9,
    dropped: { full: 1, expired: 2, closed: 0 },
    diskFailing: true,
  }
  const writer = new ExpositionWriter()
  writeHookMetrics(writer, { statistics, outbox })
  const lines = writer.text.split('\n').filter((line) => !line.startsWith('#') && !/_bucket/.test(line))
  expect(lines).toEqual([
    'srs_hook_calls_total{event="on_publish",outcome="allowed"} 1',
    'srs_hook_calls_total{event="on_publish",outcome="refused"} 1',
    'srs_hook_calls_total{event="on_publish",outcome="unavailable"} 0',
    'srs_hook_calls_total{event="on_stop",outcome="allowed"} 0',
    'srs_hook_calls_total{event="on_stop",outcome="refused"} 0',
    'srs_hook_calls_total{event="on_stop",outcome="unavailable"} 1',
    'srs_hook_duration_seconds_sum{event="on_publish"} 40.003',
    'srs_hook_duration_seconds_count{event="on_publish"} 2',
    'srs_hook_duration_seconds_sum{event="on_stop"} 0.001',
    'srs_hook_duration_seconds_count{event="on_stop"} 1',
    'srs_hook_calls_in_flight 2',
    'srs_hook_outbox_notifications 5',
    'srs_hook_outbox_bytes 700',
    'srs_hook_outbox_disk_failing 1',
    'srs_hook_notifications_delivered_total 9',
    'srs_hook_notifications_dropped_total{why="full"} 1',
    'srs_hook_notifications_dropped_total{why="expired"} 2',
    '',
  ])
  expect(writer.text).toContain('srs_hook_duration_seconds_bucket{event="on_publish",le="0.005"} 1\n')
  expect(writer.text).toContain('srs_hook_duration_seconds_bucket{event="on_publish",le="+Inf"} 2\n')
})
