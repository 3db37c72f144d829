import type { ProgramCounts, ProgramKind, ProgramStatus } from '../../ffmpeg/index.ts'
import { type ExpositionWriter, formatLabels, type Labels } from './exposition.ts'

/** Programs with lines of their own; of more, the oldest have them. */
export const MAX_MEASURED_PROGRAMS = 1000

/** What there is to know of programs. */
export type ProgramReadings = Readonly<{
  /** Those there are. */
  statuses: readonly ProgramStatus[]
  /** All that there were, by what they are run for. */
  counts: Readonly<Record<ProgramKind, ProgramCounts>>
}>

/** A number of a program; null where there is none. */
type Reading = (status: ProgramStatus) => number | null

/** Programs beside the server: how many do what, how often they were started and failed, and how each of them gets on. */
export function writeProgramMetrics(writer: ExpositionWriter, { statuses, counts }: ProgramReadings): void {
  writeTotals(writer, counts)
  const byState = new Map<Labels, number>()
  for (const { kind, state } of statuses) {
    const labels = formatLabels({ kind, state })
    byState.set(labels, (byState.get(labels) ?? 0) + 1)
  }
  const add = writer.begin(
    'srs_programs',
    'gauge',
    'Programs beside this server, by kind and by what they do.',
  )
  for (const [labels, count] of byState) {
    add(count, labels)
  }
  writeEach(writer, statuses.slice(0, MAX_MEASURED_PROGRAMS))
}

function writeTotals(writer: ExpositionWriter, counts: ProgramReadings['counts']): void {
  const totals: readonly (readonly [name: string, help: string, what: keyof ProgramCounts])[] = [
    ['started', 'Starts of programs, by kind.', 'starts'],
    ['failed', 'Ends of programs that nobody asked for, by kind.', 'failures'],
    ['stalled', 'Programs that stood still and were replaced, by kind.', 'stalls'],
  ]
  for (const [name, help, what] of totals) {
    const add = writer.begin(`srs_programs_${name}_total`, 'counter', help)
    for (const [kind, count] of Object.entries(counts)) {
      add(count[what], formatLabels({ kind }))
    }
  }
}

function writeEach(writer: ExpositionWriter, statuses: readonly ProgramStatus[]): void {
  const rows = statuses.map((status): readonly [Labels, ProgramStatus] => {
    const { kind, vhost, stream, name } = status
    return [formatLabels({ kind, vhost, stream, name }), status]
  })
  const metrics: readonly (readonly [
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: Reading,
  ])[] = [
    ['up', 'gauge', 'Does it work: 1 or 0.', ({ state }) => (state === 'running' ? 1 : 0)],
    ['starts_total', 'counter', 'How often it was started.', ({ starts }) => starts],
    ['failures_total', 'counter', 'How often it ended unasked.', ({ failures }) => failures],
    ['stalls_total', 'counter', 'How often it stood still and was replaced.', ({ stalls }) => stalls],
    [
      'fps',
      'gauge',
      'Frames a second that FFmpeg makes.',
      ({ progress }) => progress?.framesPerSecond ?? null,
    ],
    ['speed', 'gauge', 'Media that FFmpeg makes in a second, s.', ({ progress }) => progress?.speed ?? null],
    ['bits_per_second', 'gauge', 'Bits a second that FFmpeg makes.', bitsPerSecond],
    [
      'dropped_frames',
      'gauge',
      'Frames that FFmpeg left out.',
      ({ progress }) => progress?.droppedFrames ?? null,
    ],
  ]
  for (const [name, type, help, read] of metrics) {
    const add = writer.begin(`srs_program_${name}`, type, help)
    for (const [labels, status] of rows) {
      const value = read(status)
      if (value !== null) {
        add(value, labels)
      }
    }
  }
}

function bitsPerSecond({ progress }: ProgramStatus): number | null {
  const { bitrateKbps = null } = progress ?? {}
  return bitrateKbps === null ? null : bitrateKbps * 1000
}
