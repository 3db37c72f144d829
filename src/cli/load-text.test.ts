import { describe, expect, it } from 'vitest'
import type { LoadProgress, LoadReport } from '../load/index.ts'
import { describeProgress, describeReport, isWell } from './load-text.ts'

const url = 'rtmp://127.0.0.1/live/demo'
const times = { count: 10, p50: 1.04, p99: 22.25, max: 333 }

const report: LoadReport = {
  seconds: 12,
  steadySeconds: 10,
  players: {
    requested: 10,
    accepted: 10,
    refused: 0,
    unanswered: 0,
    disconnected: 0,
    bytesReceived: 6_250_000,
    gigabytesReceived: 0.006_25,
    megabitsPerSecond: 5,
    timeToFirstMedia: times,
    timeToFirstKeyframe: times,
    stalls: 3,
    stalledPlayers: 2,
    largestGapMs: 250,
  },
  sampled: {
    latency: times,
    latencyWhileJoining: null,
    dtsViolations: 0,
    framesMissing: 0,
    players: [
      {
        stream: 'demo',
        videoFrames: 250,
        audioFrames: 470,
        dtsViolations: 0,
        framesMissing: 0,
        latency: null,
        largestGapMs: 41,
        stalls: 0,
      },
    ],
  },
  publishers: {
    requested: 0,
    accepted: 0,
    refused: 0,
    unanswered: 0,
    disconnected: 0,
    bytesSent: 0,
    megabitsPerSecond: 0,
    videoFramesSent: 0,
    messagesDropped: 0,
    sendDelay: null,
  },
  reasons: {},
  processes: [
    {
      cpuSeconds: 1,
      eventLoopUtilization: 0.2,
      eventLoopDelayP99Ms: 1,
      eventLoopDelayMaxMs: 2,
      residentBytes: 5e7,
    },
  ],
}

const progress: LoadProgress = {
  seconds: 5.03,
  steady: true,
  playersConnected: 9,
  publishersConnected: 1,
  counts: {
    playersBegun: 10,
    playersAccepted: 10,
    playersRefused: 0,
    playersDisconnected: 0,
    bytesReceived: 0,
    stalls: 0,
    playersStalled: 0,
    publishersBegun: 1,
    publishersAccepted: 1,
    publishersRefused: 0,
    publishersDisconnected: 0,
    bytesSent: 0,
    videoFramesSent: 0,
    messagesDropped: 0,
  },
  megabitsPerSecond: 4.96,
  megabitsSentPerSecond: 0.5,
  latency: times,
}

/** The table's row with that name. */
function row(name: string, of: LoadReport): string | undefined {
  const lines = describeReport(of, { url, players: 10 }).split('\n')
  return lines
    .find((line) => line.startsWith(name))
    ?.slice(name.length)
    .trim()
}

describe('a line of progress', () => {
  it('has what there is to say', () => {
    expect(describeProgress(progress, { url, players: 10, publishers: 1 })).toBe(
      '    5 s  1 of 1 publishers, 0.5 Mbit/s out | 9 of 10 players, 5.0 Mbit/s in | latency p50 1.0 p99 22.3 max 333.0 ms',
    )
    const troubled = { ...progress, counts: { ...progress.counts, playersDisconnected: 1, stalls: 2 } }
    expect(describeProgress({ ...troubled, latency: null }, { url, players: 10 })).toBe(
      '    5 s  9 of 10 players, 5.0 Mbit/s in | latency - | 1 disconnected | 2 stalls',
    )
    expect(describeProgress(progress, { url, publishers: 1 })).toBe(
      '    5 s  1 of 1 publishers, 0.5 Mbit/s out',
    )
  })
})

describe('the table of a report', () => {
  it('has a row for each figure, and one for each sampled player', () => {
    expect(row('Players', report)).toBe('10 of 10 accepted')
    expect(row('  received', report)).toBe('0.006 GB, 5.0 Mbit/s')
    expect(row('  first keyframe after', report)).toBe('p50 1.0 p99 22.3 max 333.0 ms')
    expect(row('  nothing for 200 ms', report)).toBe('3, in 2 players; longest 250.0 ms')
    expect(row('demo', report)).toBe('250    470     0        0       -       -       -    41.0       0')
    expect(row('Publishers', report)).toBeUndefined()
    expect(row('Note', report)).toBeUndefined()
  })

  it('says what went wrong, and why', () => {
    const players = { ...report.players, accepted: 6, refused: 3, unanswered: 1, disconnected: 2 }
    const bad = { ...report, players, reasons: { 'members only': 3 } }
    expect(row('Players', bad)).toBe('6 of 10 accepted, 3 refused, 1 without an answer, 2 disconnected')
    expect(row('  3 x', bad)).toBe('members only')
    const blind = { ...report, players: { ...report.players, timeToFirstKeyframe: null } }
    expect(row('  first keyframe after', blind)).toBe('-, 10 players saw none')
  })

  it('warns when the load itself was too busy to be trusted', () => {
    const processes = report.processes.map((each) => ({ ...each, eventLoopUtilization: 0.95 }))
    expect(row('Note', { ...report, processes })).toContain('--processes')
  })
})

describe('a load is well', () => {
  it.each<[string, boolean, LoadReport]>([
    ['if all were let in and stayed', true, report],
    [
      'but not if one was refused',
      false,
      { ...report, players: { ...report.players, accepted: 9, refused: 1 } },
    ],
    [
      'but not if one had no answer',
      false,
      { ...report, players: { ...report.players, accepted: 9, unanswered: 1 } },
    ],
    [
      'but not if one was disconnected',
      false,
      { ...report, players: { ...report.players, disconnected: 1 } },
    ],
    ['but not if time went back', false, { ...report, sampled: { ...report.sampled, dtsViolations: 1 } }],
    [
      'but not if a publisher was disconnected',
      false,
      { ...report, publishers: { ...report.publishers, disconnected: 1 } },
    ],
  ])('%s', (_name, well, of) => {
    expect(isWell(of)).toBe(well)
  })
})
