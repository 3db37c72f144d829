import { describe, expect, it } from 'vitest'
import { systemClock } from '../../base/index.ts'
import type { EngineOptions } from '../engine/index.ts'
import type { ProgramTask } from '../program/index.ts'
import { FakePass } from '../testing/fake-pass.ts'
import { ingestJobs } from './ingest-job.ts'
import { ingestTask } from './ingest-task.ts'
import type { IngestOptions } from './options.ts'
import { camera, engineTo, IngestRig, vhostOf } from './testing/ingest-rig.ts'

const { live } = new IngestRig([vhostOf()])

function taskOf(
  ingest: Partial<IngestOptions>,
  engine: Partial<EngineOptions> = {},
  pass: FakePass = new FakePass('p', () => false),
): ProgramTask {
  const vhost = vhostOf(camera({ engines: [engineTo('cam', engine)], ...ingest }))
  const isOurs = ({ host }: { host: string }): boolean => host === '127.0.0.1'
  const surroundings = { live, isOurs, clock: systemClock, rtmpPort: () => 1935 }
  const [job] = ingestJobs([vhost], surroundings).values()
  if (job === undefined) {
    throw new Error('there is none')
  }
  return ingestTask(job, { live, ffmpegLogLevel: () => 'info', passFor: () => pass }, () => {})
}

const LOG = ['-loglevel', 'info']
const COPY = ['-vcodec', 'copy', '-acodec', 'copy', '-f', 'flv', '-y', 'rtmp://127.0.0.1:1935/live/cam']

describe('what FFmpeg is told for an ingest', () => {
  it.each<[string, Partial<IngestOptions>, Partial<EngineOptions>, string[]]>([
    ['a stream', { url: 'udp://x' }, {}, [...LOG, '-i', 'udp://x', ...COPY]],
    [
      'a file, at its own pace',
      { type: 'file', url: './a.mkv' },
      {},
      [...LOG, '-re', '-i', './a.mkv', ...COPY],
    ],
    [
      'a device, by its format',
      { type: 'device', url: '/dev/video0' },
      { inputOptions: [['f', 'v4l2']] },
      [...LOG, '-f', 'v4l2', '-i', '/dev/video0', ...COPY],
    ],
    [
      'options before the input, behind the pace',
      { type: 'file', url: 'a.mkv' },
      { inputOptions: [['ss', '10']] },
      [...LOG, '-re', '-ss', '10', '-i', 'a.mkv', ...COPY],
    ],
    [
      'an RTMP stream, whose format an engine says',
      { url: 'rtmp://x/live/a' },
      { inputFormat: 'flv' },
      [...LOG, '-f', 'flv', '-i', 'rtmp://x/live/a', ...COPY],
    ],
    [
      'an RTMP stream, without an engine',
      { url: 'rtmp://x/live/a' },
      { enabled: false, inputFormat: 'flv', inputOptions: [['rw_timeout', '1']] },
      [...LOG, '-i', 'rtmp://x/live/a', ...COPY],
    ],
  ])('has %s', (_, ingest, engine, args) => {
    expect(taskOf(ingest, engine).command()).toEqual({ file: 'ffmpeg', args })
  })

  it('has the folder of a file that it writes', () => {
    const task = taskOf({ engines: [engineTo('', { output: './clips/[vhost]/a.flv' })] })
    expect(task.command()).toMatchObject({ folder: './clips/__defaultVhost__' })
  })

  it('has the encoders of the engine, and the program of the ingest', () => {
    const task = taskOf(
      { ffmpeg: '/opt/ffmpeg' },
      { videoCodec: 'libx264', profile: 'main', preset: 'fast', audioCodec: 'aac', width: 641, height: 360 },
    )
    const { file, args } = task.command()
    expect(task.encoders).toEqual(['libx264', 'aac'])
    expect(file).toBe('/opt/ffmpeg')
    expect(args.join(' ')).toContain('-vcodec libx264 -s 640x360 -aspect 640:360')
  })

  it('names its log as SRS does, and hides what lets in to the input', () => {
    const { logName, secrets } = taskOf(
      {},
      {
        inputOptions: [
          ['headers', 'Authorization: x'],
          ['rw_timeout', '1'],
        ],
      },
    )
    expect(logName).toBe('ffmpeg-ingest-__defaultVhost__-live-cam.log')
    expect(secrets).toEqual(['Authorization: x', 'p'])
    const elsewhere = taskOf({ engines: [engineTo('', { output: 'rtmp://x/live/a' })] })
    expect(elsewhere).toMatchObject({ logName: 'ffmpeg-ingest-__defaultVhost__-cam.log', stream: 'cam' })
  })

  it('says what is wrong with where it goes when it is to begin', () => {
    const task = taskOf({ engines: [engineTo('', { name: 'a?b', output: 'rtmp://x/live/[engine]' })] })
    expect(() => task.command()).toThrow("it can't be published there: [engine] has '?'")
  })
})

it('an ingest has a pass where the virtual host demands what it can’t have, while its process lives', () => {
  const pass = new FakePass('p', () => true)
  const task = taskOf({ url: 'udp://x' }, {}, pass)
  expect(task.secrets).toContain('p')
  expect(task.command().args.at(-1)).toBe('rtmp://127.0.0.1:1935/live/cam?srs_pass=p')
  expect(pass.isOpen).toBe(true)
  task.onExit?.()
  expect(pass.isOpen).toBe(false)
})
