import { expect, it } from 'vitest'
import { LoadCounters, type LoadProcess } from './counters.ts'
import type { SampledPlayerReport } from './media-probe.ts'
import { resolveLoadOptions } from './options.ts'
import { createReport, ProgressMeter } from './report.ts'

const idle: LoadProcess = {
  cpuSeconds: 0,
  eventLoopUtilization: 0,
  eventLoopDelayP99Ms: 0,
  eventLoopDelayMaxMs: 0,
  residentBytes: 0,
}

it('a report says how many had no answer, and sums up the sampled players', () => {
  const counters = new LoadCounters()
  Object.assign(counters.counts, { playersAccepted: 5, playersRefused: 2, publishersAccepted: 1 })
  counters.beginSteady(1000)
  counters.counts.bytesReceived = 2_500_000
  const player: SampledPlayerReport = {
    stream: 'demo',
    videoFrames: 1,
    audioFrames: 1,
    dtsViolations: 1,
    framesMissing: 2,
    latency: null,
    largestGapMs: 1,
    stalls: 0,
  }
  const plan = resolveLoadOptions({ url: 'rtmp://127.0.0.1/live/demo', players: 10, publishers: 1 })
  const report = createReport(plan, counters.snapshot(3000, [player, player], idle), 4)
  expect(report).toMatchObject({
    seconds: 4,
    steadySeconds: 2,
    players: {
      requested: 10,
      accepted: 5,
      refused: 2,
      unanswered: 3,
      megabitsPerSecond: 10,
      gigabytesReceived: 0.0025,
      timeToFirstMedia: null,
    },
    publishers: { requested: 1, accepted: 1, unanswered: 0 },
    sampled: { latency: null, dtsViolations: 2, framesMissing: 4, players: [player, player] },
  })
})

it('progress is measured from the progress before', () => {
  const counters = new LoadCounters()
  const meter = new ProgressMeter()
  counters.counts.playersAccepted = 5
  counters.counts.bytesReceived = 1_000_000
  counters.recordLatency(100)
  const first = meter.measure(1, counters.snapshot(0, [], idle), false)
  expect(first).toMatchObject({ playersConnected: 5, megabitsPerSecond: 8, latency: { count: 1, max: 100 } })
  counters.beginSteady(0)
  counters.counts.playersDisconnected = 2
  counters.counts.bytesReceived = 2_000_000
  counters.recordLatency(5)
  const second = meter.measure(3, counters.snapshot(0, [], idle), true)
  expect(second).toMatchObject({ playersConnected: 3, megabitsPerSecond: 4, latency: { count: 1 } })
  expect(second.latency?.p50).toBeCloseTo(5, 0)
  expect(meter.measure(4, counters.snapshot(0, [], idle), true)).toMatchObject({
    megabitsPerSecond: 0,
    latency: null,
  })
})
