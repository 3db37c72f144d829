import { expect, it } from 'vitest'
import { LoadCounters, type LoadProcess, mergeSnapshots } from './counters.ts'
import { Histogram } from './histogram.ts'

const idle: LoadProcess = {
  cpuSeconds: 1,
  eventLoopUtilization: 0.5,
  eventLoopDelayP99Ms: 2,
  eventLoopDelayMaxMs: 3,
  residentBytes: 4,
}

it('what several processes counted adds up', () => {
  const [first, second] = [new LoadCounters(), new LoadCounters()]
  first.counts.playersAccepted = 3
  first.counts.bytesReceived = 100
  first.recordLatency(1)
  first.beginSteady(1000)
  first.counts.bytesReceived = 600
  first.recordLatency(2)
  first.largestReadGapMs = 7
  first.addReason('no room')
  second.counts.playersAccepted = 4
  second.beginSteady(2000)
  second.counts.bytesReceived = 50
  second.recordLatency(8)
  second.recordLatency(9)
  second.addReason('no room')
  second.addReason('no access')
  const merged = mergeSnapshots([first.snapshot(3000, [], idle), second.snapshot(3000, [], idle)])
  expect(merged).toMatchObject({
    counts: { playersAccepted: 7, bytesReceived: 650, playersRefused: 0 },
    largestReadGapMs: 7,
    reasons: { 'no room': 2, 'no access': 1 },
    steady: { seconds: 2, bytesReceived: 550, bytesSent: 0 },
    processes: [idle, idle],
  })
  expect(new Histogram(merged.times.latency).distribution).toMatchObject({ count: 3, max: 9 })
  expect(new Histogram(merged.times.latencyWhileJoining).distribution).toMatchObject({ count: 1, max: 1 })
})

it('a snapshot stays as it is', () => {
  const counters = new LoadCounters()
  const before = counters.snapshot(0, [], idle)
  const text = JSON.stringify(before)
  counters.counts.bytesReceived = 1
  counters.recordLatency(1)
  counters.addReason('no room')
  expect(JSON.stringify(before)).toBe(text)
})

it('reasons that are all different are not all kept', () => {
  const counters = new LoadCounters()
  for (let index = 0; index < 100; index++) {
    counters.addReason(`no room for client ${index}`)
  }
  counters.addReason('no room for client 3')
  const { reasons } = counters.snapshot(0, [], idle)
  expect(Object.keys(reasons)).toHaveLength(21)
  expect(reasons).toMatchObject({ 'no room for client 3': 2, 'other reasons': 80 })
})
