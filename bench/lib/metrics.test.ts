import { describe, expect, it } from 'vitest'
import type { LoadSnapshot } from '../../src/load/counters.ts'
import { LoadCounters } from '../../src/load/counters.ts'
import type { SampledPlayerReport } from '../../src/load/media-probe.ts'
import { describeTurn, type Sample, type Turn } from './metrics.ts'
import type { ProcessSample } from './process-stats.ts'

const load = { protocol: 'rtmp', streams: 2, players: 4, sampled: 1, kbps: 500 } as const
const nobody: ProcessSample = {
  cpu: { user: 0, system: 0 },
  cpuTotal: 0,
  mainThread: 0,
  mainThreadWait: 0,
  rssBytes: 0,
  writes: 0,
}

/** Two seconds of which everything is known. */
function turn(change: Partial<Turn> = {}): Turn {
  const counters = new LoadCounters()
  const sampled: SampledPlayerReport = {
    ...{ stream: 's', videoFrames: 0, audioFrames: 0, dtsViolations: 0, framesMissing: 3 },
    ...{ latency: null, largestGapMs: 70, stalls: 0 },
  }
  const process = {
    ...{ cpuSeconds: 0, eventLoopUtilization: 0, eventLoopDelayP99Ms: 0, eventLoopDelayMaxMs: 0 },
    residentBytes: 0,
  }
  const snapshot = (): LoadSnapshot => counters.snapshot(0, [sampled], process)
  counters.recordLatency(900)
  counters.beginSteady(0)
  counters.recordLatency(500)
  Object.assign(counters.counts, { bytesReceived: 1e9, bytesSent: 5e8, playersDisconnected: 1 })
  const begin: Sample = {
    ...{ at: 1000, server: { ...nobody, cpuTotal: 7, mainThread: 6 }, load: nobody },
    ...{ machine: { busy: 0, total: 0 }, publishers: snapshot(), players: snapshot() },
  }
  counters.recordLatency(10)
  Object.assign(counters.counts, { bytesReceived: 3e9, bytesSent: 15e8 })
  const end: Sample = {
    ...begin,
    ...{ at: 3000, machine: { busy: 3, total: 4 }, publishers: snapshot(), players: snapshot() },
    server: { ...nobody, cpuTotal: 8, mainThread: 6.5, mainThreadWait: 0.1, writes: 40 },
  }
  const inner = { skips: 5, gcCount: 6, majorGcCount: 1, gcTotalMs: 20, gcMaxMs: 9 }
  return { load, begin, end, inner, skipsBefore: 5, polls: null, pollerCpu: 0, ...change }
}

describe('a window among others', () => {
  it('has what happened between its two moments only', () => {
    expect(describeTurn(turn())).toMatchObject({
      ...{ cpuPerGb: 0.5, mainThreadPerGb: 0.25, cores: 0.5, gigabytes: 2, mainThreadWait: 0.05 },
      ...{ deliveredShare: 1, latencyP50Ms: expect.closeTo(10, 0), latencyMaxMs: expect.closeTo(10, 0) },
      ...{ largestGapMs: 70, gcPerSecond: 3, majorGcPerSecond: 0.5, gcShare: 0.01, gcMaxMs: 9 },
      ...{ flushMs: 200, lost: 0, skips: 0, machineBusy: 0.75 },
    })
  })

  it('has no word of keyframes at the join, nor of polls if there were none', () => {
    const metrics = Object.keys(describeTurn(turn()))
    expect(metrics.filter((metric) => /keyframe|poll/i.test(metric))).toEqual([])
    const polls = { rounds: 2, bytes: 4e6, slowestMs: 31 }
    expect(describeTurn(turn({ polls, pollerCpu: 0.5 }))).toMatchObject({
      ...{ pollsPerSecond: 1, pollMb: 2, slowestPollMs: 31, pollerCores: 0.25 },
    })
  })

  it('counts who left and who skipped within it as lost', () => {
    const { begin, end, ...rest } = turn()
    const players = end.players
    if (players === null) {
      throw new Error('there are players')
    }
    const counts = { ...players.counts, playersDisconnected: 3 }
    const left = { ...end, players: { ...players, counts } }
    expect(describeTurn({ ...rest, begin, end: left, skipsBefore: 1 }).lost).toBe(2 + 4)
    const sampled = players.sampled.map((report) => ({ ...report, framesMissing: 4 }))
    expect(describeTurn({ ...rest, begin, end: { ...end, players: { ...players, sampled } } }).lost).toBe(1)
  })
})
