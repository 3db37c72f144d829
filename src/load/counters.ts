import { Histogram, type HistogramData } from './histogram.ts'
import type { SampledPlayerReport } from './media-probe.ts'

/** What one process has counted; the same of several is the sum. */
export type LoadCounts = {
  /** Players that began to connect. */
  playersBegun: number
  /** Players the server accepted, whatever became of them. */
  playersAccepted: number
  /** Players the server refused, in words or by closing, or that could not connect. */
  playersRefused: number
  /** Accepted players whose connection ended before the load did. */
  playersDisconnected: number
  /** Bytes all players received, protocol overhead included. */
  bytesReceived: number
  /** Times a player that had a keyframe got nothing for longer than `stallMs`. */
  stalls: number
  /** Players that stalled at least once. */
  playersStalled: number
  /** Publishers that began to connect. */
  publishersBegun: number
  /** Publishers the server accepted. */
  publishersAccepted: number
  /** Publishers the server refused or that could not connect. */
  publishersRefused: number
  /** Accepted publishers whose connection ended before the load did. */
  publishersDisconnected: number
  /** Bytes all publishers handed to their sockets. */
  bytesSent: number
  /** Video frames sent. */
  videoFramesSent: number
  /** Messages that were not sent because the server did not take them in time. */
  messagesDropped: number
}

/** Durations that are counted; ms. */
export type LoadTimes<T> = {
  /** From a player's play command or request to its first audio or video. */
  firstMedia: T
  /** From a player's play command or request to its first keyframe. */
  firstKeyframe: T
  /** From the publisher's write to a sampled player's read, from when all had joined. */
  latency: T
  /** The same, before all had joined. */
  latencyWhileJoining: T
  /** How late publishers sent what was due: the fault of this machine, not of the server. */
  sendDelay: T
}

/** How one process of the load fared. */
export type LoadProcess = Readonly<{
  /** Processor time since its start, s. */
  cpuSeconds: number
  /** Part of the time its event loop was busy, 0 to 1. Near 1, what it measured is its own slowness. */
  eventLoopUtilization: number
  /** 99 % of its event loop's delays were not longer, ms. */
  eventLoopDelayP99Ms: number
  /** Its event loop's longest delay, ms. */
  eventLoopDelayMaxMs: number
  /** Resident memory, bytes. */
  residentBytes: number
}>

/** How far a load is: a plain value that JSON can carry. */
export type LoadSnapshot = Readonly<{
  /** What was counted. */
  counts: Readonly<LoadCounts>
  /** Durations. */
  times: Readonly<LoadTimes<HistogramData>>
  /** The longest time a player that had a keyframe got nothing, ms. */
  largestReadGapMs: number
  /** Why players and publishers were refused or disconnected, and how often. */
  reasons: Readonly<Record<string, number>>
  /** Sampled players, by the order in which they joined. */
  sampled: readonly SampledPlayerReport[]
  /** Since all had joined. */
  steady: Readonly<{ seconds: number; bytesReceived: number; bytesSent: number }>
  /** The processes that made the load. */
  processes: readonly LoadProcess[]
}>

/** The counters of one process, written to by its players and publishers. */
export class LoadCounters {
  /** Added to by whoever sees it. */
  readonly counts: LoadCounts = noCounts()
  /** Recorded in by whoever sees it. */
  readonly times: LoadTimes<Histogram> = {
    firstMedia: new Histogram(),
    firstKeyframe: new Histogram(),
    latency: new Histogram(),
    latencyWhileJoining: new Histogram(),
    sendDelay: new Histogram(),
  }
  /** The longest time a player that had a keyframe got nothing, ms. */
  largestReadGapMs = 0
  readonly #reasons = new Map<string, number>()
  #steadyFrom: Readonly<{ at: number; bytesReceived: number; bytesSent: number }> | null = null

  /** Remembers why somebody was refused or disconnected. */
  addReason(reason: string): void {
    const known = this.#reasons.has(reason) || this.#reasons.size < MAX_REASONS
    const key = known ? reason : 'other reasons'
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1)
  }

  /** Counts a latency where it belongs. */
  recordLatency(latencyMs: number): void {
    const { latency, latencyWhileJoining } = this.times
    const histogram = this.#steadyFrom === null ? latencyWhileJoining : latency
    histogram.record(latencyMs)
  }

  /** All have joined: what is measured now is the steady load. */
  beginSteady(now: number): void {
    const { bytesReceived, bytesSent } = this.counts
    this.#steadyFrom ??= { at: now, bytesReceived, bytesSent }
  }

  /** What there is now. */
  snapshot(now: number, sampled: readonly SampledPlayerReport[], process: LoadProcess): LoadSnapshot {
    const { firstMedia, firstKeyframe, latency, latencyWhileJoining, sendDelay } = this.times
    const { bytesReceived, bytesSent } = this.counts
    const from = this.#steadyFrom ?? { at: now, bytesReceived, bytesSent }
    return {
      counts: { ...this.counts },
      times: {
        firstMedia: firstMedia.data,
        firstKeyframe: firstKeyframe.data,
        latency: latency.data,
        latencyWhileJoining: latencyWhileJoining.data,
        sendDelay: sendDelay.data,
      },
      largestReadGapMs: this.largestReadGapMs,
      reasons: Object.fromEntries(this.#reasons),
      sampled,
      steady: {
        seconds: (now - from.at) / 1000,
        bytesReceived: bytesReceived - from.bytesReceived,
        bytesSent: bytesSent - from.bytesSent,
      },
      processes: [process],
    }
  }
}

/** Different reasons kept; a server may put a name or an address into each. */
const MAX_REASONS = 20

/** The sum of what several processes counted. */
export function mergeSnapshots(snapshots: readonly LoadSnapshot[]): LoadSnapshot {
  const counts = noCounts()
  const reasons: Record<string, number> = {}
  for (const snapshot of snapshots) {
    for (const name of Object.keys(counts) as (keyof LoadCounts)[]) {
      counts[name] += snapshot.counts[name]
    }
    for (const [reason, count] of Object.entries(snapshot.reasons)) {
      reasons[reason] = (reasons[reason] ?? 0) + count
    }
  }
  const steady = snapshots.map((snapshot) => snapshot.steady)
  return {
    counts,
    times: {
      firstMedia: mergeTimes(snapshots, 'firstMedia'),
      firstKeyframe: mergeTimes(snapshots, 'firstKeyframe'),
      latency: mergeTimes(snapshots, 'latency'),
      latencyWhileJoining: mergeTimes(snapshots, 'latencyWhileJoining'),
      sendDelay: mergeTimes(snapshots, 'sendDelay'),
    },
    largestReadGapMs: Math.max(0, ...snapshots.map(({ largestReadGapMs }) => largestReadGapMs)),
    reasons,
    sampled: snapshots.flatMap(({ sampled }) => sampled),
    steady: {
      seconds: Math.max(0, ...steady.map(({ seconds }) => seconds)),
      bytesReceived: sum(steady.map(({ bytesReceived }) => bytesReceived)),
      bytesSent: sum(steady.map(({ bytesSent }) => bytesSent)),
    },
    processes: snapshots.flatMap(({ processes }) => processes),
  }
}

function mergeTimes(snapshots: readonly LoadSnapshot[], name: keyof LoadTimes<unknown>): HistogramData {
  const histogram = new Histogram()
  for (const { times } of snapshots) {
    histogram.add(times[name])
  }
  return histogram.data
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function noCounts(): LoadCounts {
  return {
    playersBegun: 0,
    playersAccepted: 0,
    playersRefused: 0,
    playersDisconnected: 0,
    bytesReceived: 0,
    stalls: 0,
    playersStalled: 0,
    publishersBegun: 0,
    publishersAccepted: 0,
    publishersRefused: 0,
    publishersDisconnected: 0,
    bytesSent: 0,
    videoFramesSent: 0,
    messagesDropped: 0,
  }
}
