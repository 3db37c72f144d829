import { describe, expect, it, vi } from 'vitest'
import { type Clock, ms, systemClock } from '../../base/index.ts'
import { streamKey } from '../../live/index.ts'
import type { EngineOptions } from '../engine/index.ts'
import { COPY_ENGINE, type IngestJob, ingestJobs, isPlayedHere, isSameJob } from './ingest-job.ts'
import type { IngestOptions } from './options.ts'
import { camera, engineTo, IngestRig, vhostOf } from './testing/ingest-rig.ts'

const { live } = new IngestRig([vhostOf()])

function jobsOf(ingest: readonly IngestOptions[], rtmpPort = 1935, clock: Clock = systemClock): IngestJob[] {
  const isOurs = ({ host }: { host: string }): boolean => host === '127.0.0.1'
  return [...ingestJobs([vhostOf(...ingest)], { live, isOurs, clock, rtmpPort: () => rtmpPort }).values()]
}

function jobOf(ingest: Partial<IngestOptions>, engine: Partial<EngineOptions> = {}): IngestJob {
  const [job] = jobsOf([camera({ ...ingest, engines: [engineTo('cam', engine)] })])
  if (job === undefined) {
    throw new Error('there is none')
  }
  return job
}

describe('the jobs of ingests', () => {
  it('are one for each output, with the variables of the settings in place', () => {
    const output = 'rtmp://127.0.0.1:[port]/[vhost]/cam_[engine]'
    const engines = [engineTo('cam'), engineTo('', { name: 'hd', output })]
    const jobs = jobsOf([camera({ engines }), camera({ id: 'other', engines: [engineTo('other')] })], 19350)
    expect(jobs.map((job) => job.output.address)).toEqual([
      'rtmp://127.0.0.1:19350/live/cam',
      'rtmp://127.0.0.1:19350/__defaultVhost__/cam_hd',
      'rtmp://127.0.0.1:19350/live/other',
    ])
    expect(jobs.map(({ target }) => target && streamKey(target))).toEqual([
      'live/cam',
      '__defaultVhost__/cam_hd',
      'live/other',
    ])
  })

  it('are none of a virtual host that is switched off', () => {
    const vhost = { ...vhostOf(camera()), enabled: false }
    expect(
      ingestJobs([vhost], { live, isOurs: () => true, clock: systemClock, rtmpPort: () => 1935 }).size,
    ).toBe(0)
  })

  it('copy, with nothing else of the engine, where that is not enabled', () => {
    const { output } = engineTo('cam')
    const engine = { enabled: false, videoCodec: 'libx264', audioCodec: 'aac', width: 100 }
    expect(jobOf({}, { name: 'hd', ...engine }).engine).toEqual({ ...COPY_ENGINE, name: 'hd', output })
  })

  it('have the time in them, and what can not be said is a problem', () => {
    const clock = { ...systemClock, wallTime: () => ms(1_700_000_000_123) }
    const output = 'rtmp://127.0.0.1:[port]/live/[stream]_[timestamp]'
    const [timed] = jobsOf([camera({ engines: [engineTo('', { output })] })], 1935, clock)
    const [later] = jobsOf([camera({ engines: [engineTo('', { output })] })])
    expect(timed?.output.address).toBe('rtmp://127.0.0.1:1935/live/[stream]_1700000000123')
    expect(timed !== undefined && later !== undefined && isSameJob(timed, later)).toBe(true)
    const engines = [engineTo('', { name: 'a?b', output: 'rtmp://127.0.0.1:[port]/live/[engine]' })]
    const [unsaid] = jobsOf([camera({ engines })])
    expect(unsaid).toMatchObject({ problem: expect.stringContaining("[engine] has '?'"), target: null })
  })

  it('have that time in UTC if times are, and are the same in either', () => {
    const ingest = camera({ engines: [engineTo('', { output: './[2006]-[01]-[02]-[15]-[04].flv' })] })
    const clock = { ...systemClock, wallTime: () => ms(Date.UTC(2026, 0, 2, 3, 4)) }
    const surroundings = { live, isOurs: () => false, clock, rtmpPort: () => 1935 }
    vi.stubEnv('TZ', 'Asia/Kathmandu')
    const [utc] = ingestJobs([vhostOf(ingest)], { ...surroundings, utcTime: () => true }).values()
    const [local] = ingestJobs([vhostOf(ingest)], surroundings).values()
    vi.unstubAllEnvs()
    expect(utc?.output.address).toBe('./2026-01-02-03-04.flv')
    expect(local?.output.address).toBe('./2026-01-02-08-49.flv')
    expect(utc !== undefined && local !== undefined && isSameJob(utc, local)).toBe(true)
  })

  it('are the same while nothing of their own changes', () => {
    const [first, second] = jobsOf([camera({ engines: [engineTo('a'), engineTo('b')] })])
    const [, changed] = jobsOf([camera({ engines: [engineTo('c'), engineTo('b')] })])
    const [, moved] = jobsOf([camera({ engines: [engineTo('a'), engineTo('b')] })], 19350)
    const [, otherInput] = jobsOf([camera({ url: 'udp://x', engines: [engineTo('a'), engineTo('b')] })])
    const all = [first, second, changed, moved, otherInput].map((job) => job ?? jobOf({}))
    const same = all.map((job) => isSameJob(all[1] ?? job, job))
    expect(same).toEqual([false, true, true, false, false])
  })
})

describe('what this process plays itself', () => {
  const file = { type: 'file', url: './a.flv' } as const

  it.each<[boolean, string, Partial<IngestOptions>, Partial<EngineOptions>]>([
    [true, 'an FLV file that is copied', file, {}],
    [true, 'an FLV file whose engine is not enabled', file, { enabled: false, videoCodec: 'libx264' }],
    [true, 'an MP4 file, however its ending is written', { ...file, url: '/a b/C.MP4' }, {}],
    [false, 'a file of another format', { ...file, url: 'a.mkv' }, {}],
    [false, 'a stream', { type: 'stream', url: 'http://192.0.2.7/a.flv' }, {}],
    [false, 'a device', { type: 'device', url: './a.flv' }, {}],
    [false, 'a file that is encoded', file, { videoCodec: 'libx264' }],
    [false, 'a file without its audio', file, { audioCodec: 'an' }],
    [false, 'a file with options for FFmpeg', file, { inputOptions: [['ss', '10']] }],
    [false, 'a file with other options for FFmpeg', file, { videoOptions: [['bsf:v', 'x']] }],
    [false, 'a file that goes elsewhere', file, { output: 'rtmp://192.0.2.9/live/cam' }],
    [false, 'a URL', { type: 'file', url: 'http://192.0.2.7/a.flv' }, {}],
  ])('is %s of %s', (expected, _, ingest, engine) => {
    expect(isPlayedHere(jobOf(ingest, engine))).toBe(expected)
  })
})
