import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineSettings } from '../../src/index.ts'
import { FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import { publishWithFfmpeg, runTool, startTool } from '../support/ffmpeg.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { makeSyncClip, marksOf } from '../support/sync-clip.ts'
import { waitFor } from '../support/wait.ts'

const OUTPUT = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]'
/** What Flash sent: the one rate of Speex that FLV has. */
const SPEEX = ['-c:a', 'libspeex', '-ar', '16000', '-ac', '1']
const MP3 = ['-c:a', 'libmp3lame', '-ar', '44100', '-ac', '1', '-b:a', '64k']
const WIDTH = 160
const HEIGHT = 96
/** So much of each output is looked at, s. */
const WATCHED_SECONDS = 4
/** Long enough for the slowest of many programs to start: it never comes to its end. */
const SECONDS = 90

const file = new FileScope()
let folder = ''
let clip = ''
let speexClip = ''
let logo = ''

beforeAll(async () => {
  folder = await mediaFolder(file)
  clip = await makeSyncClip(folder, { seconds: SECONDS, size: `${WIDTH}x${HEIGHT}`, audio: MP3 })
  speexClip = await makeSyncClip(folder, {
    seconds: SECONDS,
    size: `${WIDTH}x${HEIGHT}`,
    audio: SPEEX,
    name: 'speex',
  })
  logo = join(folder, 'ffmpeg-logo.png')
  await runTool('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:s=32x16', '-frames:v', '1', logo])
})
afterAll(() => file.clean())

function engine(name: string, options: Partial<EngineSettings>): EngineSettings {
  const video = options.videoCodec === 'libx264' ? { profile: 'baseline', preset: 'ultrafast' } : {}
  // FFmpeg would look at more of the stream before it begins.
  const quick = { inputOptions: [['analyzeduration', '500000']] as const }
  return { name, ...quick, ...video, output: OUTPUT, ...options }
}

/** Records what is played from our server, for so much media. */
async function record(server: TestServer, path: string): Promise<string> {
  await waitFor(
    () => `${path} is published: ${JSON.stringify(server.server.programs)}`,
    () => server.server.stream(path)?.publication,
  )
  const leaving = new AbortController()
  const response = await fetch(`${server.httpUrl}/${path}.flv`, { signal: leaving.signal })
  const parts: Uint8Array[] = []
  const reader = new FlvTagReader()
  let first: number | null = null
  let last = 0
  for await (const part of response.body ?? []) {
    parts.push(part)
    reader.push(part, ({ type, timestampMs }) => {
      if (type !== FlvTagType.script && timestampMs > 0) {
        first ??= timestampMs
        last = timestampMs
      }
    })
    if (first !== null && last - first >= WATCHED_SECONDS * 1000) {
      break
    }
  }
  leaving.abort()
  const recording = join(folder, `${path.replaceAll('/', '-')}.flv`)
  await writeFile(recording, Buffer.concat(parts))
  return recording
}

/** What a recording has, e.g. 'h264 80x48' and 'aac 22050 1'. */
async function tracksOf(path: string): Promise<string[]> {
  const entries = 'stream=codec_name,width,height,sample_rate,channels'
  const json = await runTool('ffprobe', ['-v', 'error', '-show_entries', entries, '-of', 'json', path])
  const { streams } = JSON.parse(json) as { streams: Record<string, string | number>[] }
  return streams
    .map((track) =>
      'width' in track
        ? `${track.codec_name} ${track.width}x${track.height}`
        : `${track.codec_name} ${track.sample_rate} ${track.channels}`,
    )
    .sort()
}

/** The pixel in the middle of the logo, and one beside it, as red, green and blue. */
async function pixelsOf(
  path: string,
  places: readonly (readonly [x: number, y: number])[],
  width: number,
): Promise<number[][]> {
  const parts: Buffer[] = []
  const args = [
    '-v',
    'error',
    '-ss',
    '0.5',
    '-i',
    path,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ]
  const ffmpeg = startTool(file, 'ffmpeg', args, { onBytes: (bytes) => parts.push(bytes) })
  await ffmpeg.succeeded()
  const picture = Buffer.concat(parts)
  return places.map(([x, y]) => [...picture.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)])
}

/** How far apart picture and sound are at most, s. */
async function skewOf(path: string): Promise<number> {
  const { flashes, tones } = await marksOf(path)
  expect(flashes.length).toBeGreaterThanOrEqual(2)
  const skews = tones
    .map((tone) => Math.min(...flashes.map((flash) => Math.abs(flash - tone))))
    // Of the first and the last second only one of both may be there.
    .filter((skew) => skew < 0.5)
  expect(skews.length).toBeGreaterThanOrEqual(2)
  return Math.max(...skews)
}

describe('three engines of a stream', () => {
  let server: TestServer
  const recordings = new Map<string, string>()
  /** What is made something of. */
  let sources: (string | null)[]

  beforeAll(async () => {
    const engines = [
      engine('ld', {
        filters: [
          ['i', logo],
          ['filter_complex', 'overlay=10:20'],
        ],
        videoCodec: 'libx264',
        videoBitrateKbps: 200,
        framesPerSecond: 25,
        width: WIDTH / 2,
        height: HEIGHT / 2,
        audioCodec: 'libaacplus',
        audioBitrateKbps: 48,
        sampleRateHz: 22_050,
        channels: 1,
      }),
      engine('sd', {
        videoCodec: 'libx264',
        videoBitrateKbps: 400,
        width: WIDTH + 1,
        height: HEIGHT + 33,
        audioCodec: 'copy',
      }),
      engine('audio', {
        videoCodec: 'copy',
        audioCodec: 'aac',
        audioBitrateKbps: 64,
        sampleRateHz: 44_100,
        channels: 2,
      }),
      engine('radio', { videoCodec: 'vn', audioCodec: 'aac', audioBitrateKbps: 64, sampleRateHz: 44_100 }),
    ]
    const [, , audio] = engines
    const transcode = [
      { scope: 'live', engines },
      { scope: 'flash/b', engines: audio === undefined ? [] : [audio] },
    ]
    server = await startServer(file, { vhosts: { __defaultVhost__: { transcode } } })
    publishWithFfmpeg(file, clip, `${server.rtmpUrl}/live/a`)
    publishWithFfmpeg(file, speexClip, `${server.rtmpUrl}/flash/b`)
    const paths = [...engines.map(({ name }) => `live/a_${name}`), 'flash/b_audio']
    await Promise.all(paths.map(async (path) => recordings.set(path, await record(server, path))))
    sources = server.server.programs.map(({ stream }) => stream)
  })

  it.each([
    ['live/a_ld', ['aac 22050 1', `h264 ${WIDTH / 2}x${HEIGHT / 2}`]],
    ['live/a_sd', [`h264 ${WIDTH}x${HEIGHT + 32}`, 'mp3 44100 1']],
    ['live/a_audio', ['aac 44100 2', `h264 ${WIDTH}x${HEIGHT}`]],
    ['flash/b_audio', ['aac 44100 2', `h264 ${WIDTH}x${HEIGHT}`]],
    ['live/a_radio', ['aac 44100 1']],
  ])('make what they are asked for: %s', async (path, tracks) => {
    expect(await tracksOf(recordings.get(path) ?? '')).toEqual(tracks)
  })

  it.each(['live/a_ld', 'live/a_sd', 'live/a_audio', 'flash/b_audio'])(
    'keep picture and sound together: %s',
    async (path) => {
      expect(await skewOf(recordings.get(path) ?? '')).toBeLessThan(0.1)
    },
  )

  it('put the logo where it should be, and nowhere else', async () => {
    // The logo has its place before the picture is made smaller: x from 5 to 21, y from 10 to 18.
    const ld = await pixelsOf(
      recordings.get('live/a_ld') ?? '',
      [
        [13, 14],
        [40, 14],
        [13, 30],
      ],
      WIDTH / 2,
    )
    const isRed = ([red = 0, green = 0, blue = 0]: readonly number[]): boolean =>
      red > 180 && green < 90 && blue < 90
    expect(ld.map(isRed)).toEqual([true, false, false])
    const [sd = []] = await pixelsOf(recordings.get('live/a_sd') ?? '', [[26, 28]], WIDTH)
    expect(isRed(sd)).toBe(false)
  })

  it('are told of encoders that are gone, once, and make nothing of what they have made', () => {
    const lines = server.log.withMessage('FFmpeg does not have this encoder any more: another is used')
    expect(lines.map(({ fields }) => fields)).toEqual([{ encoder: 'libaacplus', used: 'aac' }])
    expect(sources.sort()).toEqual(['flash/b', ...Array(4).fill('live/a')])
  })
})
