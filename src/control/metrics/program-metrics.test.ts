import { expect, it } from 'vitest'
import { ms } from '../../base/index.ts'
import type { ProgramStatus } from '../../ffmpeg/index.ts'
import { ExpositionWriter } from './exposition.ts'
import { MAX_MEASURED_PROGRAMS, writeProgramMetrics } from './program-metrics.ts'
import { parseExposition } from './testing/parse-exposition.ts'

const NONE = { starts: 0, failures: 0, stalls: 0 }

function program(name: string, more: Partial<ProgramStatus> = {}): ProgramStatus {
  return {
    id: 'p1',
    kind: 'transcode',
    vhost: '__defaultVhost__',
    stream: 'live/demo',
    name,
    output: '',
    state: 'running',
    since: ms(0),
    pid: 1,
    starts: 3,
    failures: 2,
    stalls: 1,
    lastError: null,
    progress: null,
    logFile: null,
    ...more,
  }
}

const PROGRESS = {
  frames: 50,
  framesPerSecond: 25.5,
  bitrateKbps: 500.5,
  speed: 1.01,
  mediaTimeMs: ms(2000),
  duplicatedFrames: 0,
  droppedFrames: 4,
  bytes: null,
}

function read(statuses: readonly ProgramStatus[]): ReturnType<typeof parseExposition> {
  const writer = new ExpositionWriter()
  const counts = { transcode: { starts: 30, failures: 20, stalls: 10 }, ingest: NONE, exec: NONE }
  writeProgramMetrics(writer, { statuses, counts })
  return parseExposition(writer.text)
}

it('programs are counted by kind and state, and since the start', () => {
  const metrics = read([program('ld'), program('sd'), program('x', { kind: 'exec', state: 'waiting' })])
  expect(metrics.get('srs_programs')?.samples.map(({ labels, value }) => [labels, value])).toEqual([
    [{ kind: 'transcode', state: 'running' }, 2],
    [{ kind: 'exec', state: 'waiting' }, 1],
  ])
  const totals = ['started', 'failed', 'stalled'].map((name) =>
    metrics.get(`srs_programs_${name}_total`)?.samples.map(({ value }) => value),
  )
  expect(totals).toEqual([
    [30, 0, 0],
    [20, 0, 0],
    [10, 0, 0],
  ])
})

it('each program tells how it gets on, as far as it says so', () => {
  const metrics = read([program('ld', { progress: PROGRESS }), program('sd', { state: 'starting' })])
  const values = (name: string): unknown =>
    metrics.get(`srs_program_${name}`)?.samples.map(({ labels, value }) => [labels.name, value])
  expect(values('up')).toEqual([
    ['ld', 1],
    ['sd', 0],
  ])
  expect(values('starts_total')).toEqual([
    ['ld', 3],
    ['sd', 3],
  ])
  expect([values('fps'), values('speed'), values('bits_per_second'), values('dropped_frames')]).toEqual([
    [['ld', 25.5]],
    [['ld', 1.01]],
    [['ld', 500_500]],
    [['ld', 4]],
  ])
})

it('there are not lines without end', () => {
  const many = Array.from({ length: MAX_MEASURED_PROGRAMS + 5 }, (_, index) => program(String(index)))
  expect(read(many).get('srs_program_up')?.samples).toHaveLength(MAX_MEASURED_PROGRAMS)
})
