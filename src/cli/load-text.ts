import type {
  Distribution,
  LoadOptions,
  LoadProgress,
  LoadReport,
  SampledPlayerReport,
} from '../load/index.ts'

/** A process of the load that is busier than this may be what limits it. */
const BUSY_UTILIZATION = 0.85

/** One line that says how far a load is. */
export function describeProgress(progress: LoadProgress, options: LoadOptions): string {
  const { counts } = progress
  const { players = 0, publishers = 0 } = options
  const parts: string[] = []
  if (publishers > 0) {
    const rate = `${decimal(progress.megabitsSentPerSecond)} Mbit/s out`
    parts.push(`${progress.publishersConnected} of ${publishers} publishers, ${rate}`)
  }
  if (players > 0) {
    const rate = `${decimal(progress.megabitsPerSecond)} Mbit/s in`
    parts.push(`${progress.playersConnected} of ${players} players, ${rate}`)
    parts.push(`latency ${milliseconds(progress.latency)}`)
  }
  const troubles = [
    [counts.playersRefused + counts.publishersRefused, 'refused'],
    [counts.playersDisconnected + counts.publishersDisconnected, 'disconnected'],
    [counts.stalls, 'stalls'],
  ] as const
  const seen = troubles.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return `${progress.seconds.toFixed(0).padStart(5)} s  ${[...parts, ...seen].join(' | ')}`
}

/** The report as a table for people. */
export function describeReport(report: LoadReport, options: LoadOptions): string {
  const { seconds, steadySeconds, players, publishers, reasons } = report
  const rows: Row[] = [
    ['Load', `${decimal(seconds)} s, of them ${decimal(steadySeconds)} s with all who joined`],
  ]
  if (publishers.requested > 0) {
    rows.push(...publisherRows(report))
  }
  if (players.requested > 0) {
    rows.push(...playerRows(report, options))
  }
  for (const [reason, count] of Object.entries(reasons)) {
    rows.push([`  ${count} x`, reason])
  }
  rows.push(...processRows(report))
  const table = rows.map(([name, value]) => `${name.padEnd(24)} ${value}`.trimEnd()).join('\n')
  return `${table}\n${sampledTable(report.sampled.players)}`
}

/** Whether everybody was let in, stayed, and got time that only goes forward. */
export function isWell({ players, publishers, sampled }: LoadReport): boolean {
  const all = [players, publishers]
  const allStayed = all.every((each) => each.accepted === each.requested && each.disconnected === 0)
  return allStayed && sampled.dtsViolations === 0
}

type Row = readonly [name: string, value: string]

function publisherRows({ publishers }: LoadReport): Row[] {
  const { bytesSent, megabitsPerSecond, videoFramesSent, messagesDropped, sendDelay } = publishers
  const volume = `${decimal(bytesSent / 1e9, 3)} GB, ${decimal(megabitsPerSecond)} Mbit/s`
  const dropped =
    messagesDropped === 0 ? '' : `, ${messagesDropped} messages dropped: the server took too little`
  return [
    ['Publishers', describeAdmissions(publishers)],
    ['  sent', `${volume}, ${videoFramesSent} video frames${dropped}`],
    ['  later than due', milliseconds(sendDelay)],
  ]
}

function playerRows({ players, sampled }: LoadReport, options: LoadOptions): Row[] {
  const volume = `${decimal(players.gigabytesReceived, 3)} GB, ${decimal(players.megabitsPerSecond)} Mbit/s`
  const stalls = `${players.stalls}, in ${players.stalledPlayers} players; longest ${decimal(players.largestGapMs)} ms`
  return [
    ['Players', describeAdmissions(players)],
    ['  received', volume],
    ['  first media after', milliseconds(players.timeToFirstMedia)],
    ['  first keyframe after', `${milliseconds(players.timeToFirstKeyframe)}${countOf(players)}`],
    [`  nothing for ${options.stallMs ?? 200} ms`, stalls],
    [`Sampled players`, `${sampled.players.length}`],
    ['  latency', milliseconds(sampled.latency)],
    ['  latency while joining', milliseconds(sampled.latencyWhileJoining)],
    ['  time went back', `${sampled.dtsViolations} times`],
    ['  frames missing', `${sampled.framesMissing}`],
  ]
}

/** Says so if some that were accepted saw no keyframe. */
function countOf({ accepted, timeToFirstKeyframe }: LoadReport['players']): string {
  const count = timeToFirstKeyframe?.count ?? 0
  return count === accepted ? '' : `, ${accepted - count} players saw none`
}

function processRows({ processes }: LoadReport): Row[] {
  const rows = processes.map((each, index): Row => {
    const delay = `delayed p99 ${decimal(each.eventLoopDelayP99Ms)} max ${decimal(each.eventLoopDelayMaxMs)} ms`
    const loop = `event loop ${decimal(each.eventLoopUtilization * 100)} % busy, ${delay}`
    const memory = `${decimal(each.residentBytes / 1e6)} MB`
    return [
      processes.length === 1 ? 'This process' : `Load process ${index + 1}`,
      `${decimal(each.cpuSeconds)} s of CPU, ${memory}, ${loop}`,
    ]
  })
  const busy = processes.some(({ eventLoopUtilization }) => eventLoopUtilization > BUSY_UTILIZATION)
  const warning = 'the load itself was near its limit; part of the latency is its own. Try more --processes.'
  return busy ? [...rows, ['Note', warning]] : rows
}

function sampledTable(players: readonly SampledPlayerReport[]): string {
  if (players.length === 0) {
    return ''
  }
  const head = [
    'sampled',
    'video',
    'audio',
    'back',
    'missing',
    'p50 ms',
    'p99 ms',
    'max ms',
    'gap ms',
    'stalls',
  ]
  const rows = players.map((each) => {
    const { latency } = each
    const times = [latency?.p50, latency?.p99, latency?.max].map((time) =>
      time === undefined ? '-' : decimal(time),
    )
    const counts = [each.videoFrames, each.audioFrames, each.dtsViolations, each.framesMissing].map(String)
    return [each.stream, ...counts, ...times, decimal(each.largestGapMs), `${each.stalls}`]
  })
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  return `\n${lines.join('\n')}\n`
}

function describeAdmissions(who: LoadReport['players'] | LoadReport['publishers']): string {
  const { requested, accepted, refused, unanswered, disconnected } = who
  const troubles = [
    [refused, 'refused'],
    [unanswered, 'without an answer'],
    [disconnected, 'disconnected'],
  ] as const
  const seen = troubles.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`)
  return `${accepted} of ${requested} accepted${seen.join('')}`
}

function milliseconds(distribution: Distribution | null): string {
  if (distribution === null) {
    return '-'
  }
  const { p50, p99, max } = distribution
  return `p50 ${decimal(p50)} p99 ${decimal(p99)} max ${decimal(max)} ms`
}

function decimal(value: number, digits: number = 1): string {
  return value.toFixed(digits)
}
