import type { LoadCounts, LoadProcess, LoadSnapshot } from './counters.ts'
import { type Distribution, Histogram, type HistogramData } from './histogram.ts'
import type { SampledPlayerReport } from './media-probe.ts'
import type { LoadPlan } from './options.ts'

/** How far a load is; told once a second. */
export type LoadProgress = Readonly<{
  /** Since the load began, s. */
  seconds: number
  /** Whether all have joined, so that what is measured now is the steady load. */
  steady: boolean
  /** Players that are connected and accepted now. */
  playersConnected: number
  /** Publishers that are publishing now. */
  publishersConnected: number
  /** What was counted so far. */
  counts: Readonly<LoadCounts>
  /** Received by the players since the progress before, Mbit/s. */
  megabitsPerSecond: number
  /** Sent by the publishers since the progress before, Mbit/s. */
  megabitsSentPerSecond: number
  /** Of the sampled players, since the progress before; null if there was none. */
  latency: Distribution | null
}>

/** What came of a load. Times in ms unless named otherwise. */
export type LoadReport = Readonly<{
  /** From the first join to the end, s. */
  seconds: number
  /** From when all had joined to the end, s. */
  steadySeconds: number
  /** The players. `requested` is the sum of `accepted`, `refused` and `unanswered`. */
  players: Readonly<{
    /** Players asked for. */
    requested: number
    /** Players the server accepted. */
    accepted: number
    /** Players the server refused, in words or by closing, or that could not connect. */
    refused: number
    /** Players without an answer, or that had not begun to join, at the end. */
    unanswered: number
    /** Accepted players whose connection ended before the load did. */
    disconnected: number
    /** Bytes received, protocol overhead included. */
    bytesReceived: number
    /** The same in GB (10^9 bytes). */
    gigabytesReceived: number
    /** Received since all had joined, Mbit/s. */
    megabitsPerSecond: number
    /** From the play command or request to the first audio or video; null if nobody got any. */
    timeToFirstMedia: Distribution | null
    /** From the play command or request to the first keyframe; null if nobody got one. */
    timeToFirstKeyframe: Distribution | null
    /** Times a player that had a keyframe got nothing for longer than `stallMs`. */
    stalls: number
    /** Players that stalled at least once. */
    stalledPlayers: number
    /** The longest time a player that had a keyframe got nothing. */
    largestGapMs: number
  }>
  /** What the sampled players saw, together and each. */
  sampled: Readonly<{
    /** Publisher's write to player's read since all had joined; null without stamps of this machine's publishers. */
    latency: Distribution | null
    /** The same before all had joined. */
    latencyWhileJoining: Distribution | null
    /** Sum over the players. */
    dtsViolations: number
    /** Sum over the players. */
    framesMissing: number
    /** Each of them, by process and then in the order in which they joined. */
    players: readonly SampledPlayerReport[]
  }>
  /** The publishers. `requested` is the sum of `accepted`, `refused` and `unanswered`. */
  publishers: Readonly<{
    /** Publishers asked for. */
    requested: number
    /** Publishers the server accepted. */
    accepted: number
    /** Publishers the server refused or that could not connect. */
    refused: number
    /** Publishers that had not begun to connect at the end. */
    unanswered: number
    /** Accepted publishers whose connection ended before the load did. */
    disconnected: number
    /** Bytes handed to the sockets. */
    bytesSent: number
    /** Sent since all had joined, Mbit/s. */
    megabitsPerSecond: number
    /** Video frames sent. */
    videoFramesSent: number
    /** Messages left out because the server did not take what came before in time. */
    messagesDropped: number
    /** How late messages were sent: this machine's own delay. */
    sendDelay: Distribution | null
  }>
  /** Why players and publishers were refused or disconnected, and how often. */
  reasons: Readonly<Record<string, number>>
  /** The processes that made the load: whether they were fast enough to be trusted. */
  processes: readonly LoadProcess[]
}>

/** Makes the report of what was counted to the end. */
export function createReport(plan: LoadPlan, snapshot: LoadSnapshot, seconds: number): LoadReport {
  const { counts, times, steady, sampled } = snapshot
  return {
    seconds,
    steadySeconds: steady.seconds,
    players: {
      requested: plan.players,
      accepted: counts.playersAccepted,
      refused: counts.playersRefused,
      unanswered: plan.players - counts.playersAccepted - counts.playersRefused,
      disconnected: counts.playersDisconnected,
      bytesReceived: counts.bytesReceived,
      gigabytesReceived: counts.bytesReceived / 1e9,
      megabitsPerSecond: megabitsPerSecond(steady.bytesReceived, steady.seconds),
      timeToFirstMedia: distributionOf(times.firstMedia),
      timeToFirstKeyframe: distributionOf(times.firstKeyframe),
      stalls: counts.stalls,
      stalledPlayers: counts.playersStalled,
      largestGapMs: snapshot.largestReadGapMs,
    },
    sampled: {
      latency: distributionOf(times.latency),
      latencyWhileJoining: distributionOf(times.latencyWhileJoining),
      dtsViolations: sampled.reduce((sum, { dtsViolations }) => sum + dtsViolations, 0),
      framesMissing: sampled.reduce((sum, { framesMissing }) => sum + framesMissing, 0),
      players: sampled,
    },
    publishers: {
      requested: plan.publishers,
      accepted: counts.publishersAccepted,
      refused: counts.publishersRefused,
      unanswered: plan.publishers - counts.publishersAccepted - counts.publishersRefused,
      disconnected: counts.publishersDisconnected,
      bytesSent: counts.bytesSent,
      megabitsPerSecond: megabitsPerSecond(steady.bytesSent, steady.seconds),
      videoFramesSent: counts.videoFramesSent,
      messagesDropped: counts.messagesDropped,
      sendDelay: distributionOf(times.sendDelay),
    },
    reasons: snapshot.reasons,
    processes: snapshot.processes,
  }
}

/** Turns what was counted so far into progress, each time measured from the time before. */
export class ProgressMeter {
  #seconds = 0
  #bytesReceived = 0
  #bytesSent = 0
  #latency: HistogramData = { buckets: [], max: 0 }

  /** @param seconds since the load began @param snapshot of all processes @param steady whether all have joined */
  measure(seconds: number, snapshot: LoadSnapshot, steady: boolean): LoadProgress {
    const { counts, times } = snapshot
    const elapsed = seconds - this.#seconds
    const latency = new Histogram(times.latency)
    latency.add(times.latencyWhileJoining)
    const progress: LoadProgress = {
      seconds,
      steady,
      playersConnected: counts.playersAccepted - counts.playersDisconnected,
      publishersConnected: counts.publishersAccepted - counts.publishersDisconnected,
      counts,
      megabitsPerSecond: megabitsPerSecond(counts.bytesReceived - this.#bytesReceived, elapsed),
      megabitsSentPerSecond: megabitsPerSecond(counts.bytesSent - this.#bytesSent, elapsed),
      latency: latency.since(this.#latency).distribution,
    }
    this.#seconds = seconds
    this.#bytesReceived = counts.bytesReceived
    this.#bytesSent = counts.bytesSent
    this.#latency = latency.data
    return progress
  }
}

function distributionOf(data: HistogramData): Distribution | null {
  return new Histogram(data).distribution
}

function megabitsPerSecond(bytes: number, seconds: number): number {
  return seconds > 0 ? (bytes * 8) / 1e6 / seconds : 0
}
