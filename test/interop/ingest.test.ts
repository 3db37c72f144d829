import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineSettings, FfmpegOption, IngestSettings, ProgramStatus } from '../../src/index.ts'
import { runTool, startTool, type ToolProcess } from '../support/ffmpeg.ts'
import { playHttpFlv, type TagPlayer } from '../support/players.ts'
import { freePort } from '../support/ports.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { aac, audioInput, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const file = new FileScope()
/** Has a stream, and serves it by every protocol. */
let origin: TestServer
let running: TestServer
let clip = ''
let mp4 = ''
/** A second of it, in a format that FFmpeg has to read. */
let short = ''
const ports = new Map<string, number>()

/** What becomes live/{id}. */
function ingestOf(
  id: string,
  more: Partial<IngestSettings>,
  engine: Partial<EngineSettings> = {},
): IngestSettings {
  const output = `rtmp://127.0.0.1:[port]/live?vhost=[vhost]/${id}`
  const copy = { videoCodec: 'copy', audioCodec: 'copy' }
  return { id, type: 'stream', url: '', engines: [{ ...copy, output, ...engine }], ...more }
}

/** Options that FFmpeg is given before its input. */
const before = (...inputOptions: readonly FfmpegOption[]): Partial<EngineSettings> => ({ inputOptions })

/** What the clip has in it. */
const AS_SENT = { video: ['avc', 128, 72], audio: ['aac', 44_100, 1] }

const ULTRAFAST = { videoCodec: 'libx264', profile: 'baseline', preset: 'ultrafast' }

/** One ingest of each kind. */
async function makeIngests(): Promise<readonly IngestSettings[]> {
  for (const name of ['rtsp', 'http', 'srt', 'udp']) {
    ports.set(name, await freePort())
  }
  const at = (name: string): string => `127.0.0.1:${ports.get(name)}`
  // FFmpeg would look at more of the stream before it begins.
  const quick = ['analyzeduration', '500000'] as const
  const media = await mediaFolder(file)
  short = join(media, 'short.mkv')
  mp4 = join(media, 'clip.mp4')
  await runTool('ffmpeg', ['-v', 'error', '-i', clip, '-t', '1', '-c', 'copy', short])
  await runTool('ffmpeg', ['-v', 'error', '-i', clip, '-c', 'copy', mp4])
  return [
    ingestOf(
      'rtsp',
      { url: `rtsp://${at('rtsp')}/cam` },
      before(['rtsp_flags', 'listen'], ['rtsp_transport', 'tcp'], quick),
    ),
    ingestOf('http', { url: `http://${at('http')}/cam.ts` }, before(['rw_timeout', '5000000'], quick)),
    ingestOf('srt', { url: `srt://${at('srt')}` }, before(quick)),
    ingestOf('udp', { url: `udp://${at('udp')}?timeout=5000000` }, before(quick)),
    ingestOf('rtmp', { url: `${origin.rtmpUrl}/live/source` }, before(quick)),
    ingestOf('hls', { url: `${origin.httpUrl}/live/source.m3u8` }, before(quick)),
    ingestOf(
      'device',
      { type: 'device', url: 'testsrc=size=64x36:rate=10' },
      {
        ...ULTRAFAST,
        ...before(['f', 'lavfi'], ['re', '']),
        audioCodec: 'an',
        videoOptions: [['pix_fmt', 'yuv420p']],
      },
    ),
    ingestOf(
      'encoded',
      { type: 'file', url: clip },
      {
        ...ULTRAFAST,
        width: 64,
        height: 36,
        audioCodec: 'aac',
        audioBitrateKbps: 32,
        sampleRateHz: 22050,
        channels: 1,
      },
    ),
    ingestOf('mp4', { type: 'file', url: mp4 }),
    ingestOf('short', { type: 'file', url: short }),
    ingestOf('demand', { type: 'file', url: short, onDemand: true, idleMs: 300 }),
    ingestOf('ladder', { type: 'file', url: mp4, onDemand: true, idleMs: 300 }),
  ]
}

/** A far end: sends the clip as a camera would. */
function send(...output: readonly string[]): ToolProcess {
  const input = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy']
  return startTool(file, 'ffmpeg', [...input, ...output])
}

/** Sends by RTSP to who listens for it, as soon as it does: until then it is refused. */
async function sendRtsp(): Promise<void> {
  const published = waitFor('the stream of RTSP', () => isPublished('rtsp'))
  const url = `rtsp://127.0.0.1:${ports.get('rtsp')}/cam`
  while (!isPublished('rtsp')) {
    await Promise.race([published, send('-f', 'rtsp', '-rtsp_transport', 'tcp', url).exited])
  }
}

function isPublished(id: string): boolean {
  return (running.server.stream(`live/${id}`)?.publication ?? null) !== null
}

function programOf(id: string): ProgramStatus | undefined {
  return running.server.programs.find(({ name }) => name === id)
}

/** Plays a stream until there are some pictures. */
async function play(scope: Scope, id: string): Promise<TagPlayer> {
  await waitFor(
    () => `${id} to be published: ${programOf(id)?.lastError}`,
    () => isPublished(id),
  )
  const player = await playHttpFlv(scope, `${running.httpUrl}/live/${id}.flv`)
  await waitFor(`pictures of ${id}`, () => player.requireOpen().media('video').length > 5)
  return player
}

function tracksOf(id: string): unknown {
  const { video, audio } = running.server.stream(`live/${id}`)?.state ?? {}
  return {
    video: video && [video.codec, video.width, video.height],
    audio: audio && [audio.codec, audio.sampleRate, audio.channelCount],
  }
}

beforeAll(async () => {
  const folder = await mediaFolder(file)
  // As cameras send it: without B-frames, which FFmpeg can't copy from RTSP.
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '12']
  const input = [...videoInput('128x72'), ...audioInput, ...h264, ...aac]
  clip = await makeFlv(folder, 'clip', input, 2)
  origin = await startServer(file, { hls: { fragmentMs: 500 } })
  await origin.server.publishFile('live/source', { path: clip })
  const ingest = await makeIngests()
  const [http, srt] = ['http', 'srt'].map((name) => ports.get(name))
  send('-f', 'mpegts', '-listen', '1', `http://127.0.0.1:${http}/cam.ts`)
  send('-f', 'mpegts', `srt://127.0.0.1:${srt}?mode=listener`)
  const secured = {
    access: { token: { keys: [{ id: 'k', secret: 'never-told-to-ffmpeg' }] } },
    ingest: [ingestOf('secured', { type: 'file', url: short })],
  }
  const output = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_copy'
  const copy = { videoCodec: 'copy', audioCodec: 'copy', output }
  const transcode = [{ scope: 'live/ladder', engines: [copy] }]
  const vhosts = { __defaultVhost__: { ingest, transcode }, 'secured.example': secured }
  running = await startServer(file, { vhosts })
  send('-f', 'mpegts', `udp://127.0.0.1:${ports.get('udp')}?pkt_size=1316`)
})

afterAll(() => file.clean())

describe('an ingest by FFmpeg', () => {
  it.concurrent.for(['rtsp', 'http', 'srt', 'udp', 'rtmp', 'hls'])(
    'plays a stream of %s here',
    async (id, scope) => {
      if (id === 'rtsp') {
        await sendRtsp()
      }
      const player = await play(scope, id)
      await waitFor(`sound of ${id}`, () => player.requireOpen().media('audio').length > 5)
      expect(tracksOf(id)).toEqual(AS_SENT)
      await waitFor('its progress', () => programOf(id)?.state === 'running')
      expect(programOf(id)).toMatchObject({ kind: 'ingest', stream: `live/${id}` })
    },
  )

  it.concurrent('plays a device, here one that FFmpeg makes up', async (scope) => {
    await play(scope, 'device')
    expect(tracksOf('device')).toEqual({ video: ['avc', 64, 36], audio: null })
  })

  it.concurrent('encodes a file', async (scope) => {
    await play(scope, 'encoded')
    expect(tracksOf('encoded')).toEqual({ video: ['avc', 64, 36], audio: ['aac', 22_050, 1] })
  })

  it.concurrent('is none where an MP4 file is copied: this process plays it', async (scope) => {
    await play(scope, 'mp4')
    expect(tracksOf('mp4')).toEqual(AS_SENT)
    expect(programOf('mp4')).toMatchObject({ state: 'running', pid: null, starts: 1, progress: null })
  })

  it.concurrent('begins a file that has ended again, which is no failure', async (scope) => {
    const player = await play(scope, 'short')
    await player.reaches(1500)
    const times = player.media('video').map(({ dts }) => dts)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(programOf('short')).toMatchObject({ failures: 0, lastError: null })
    expect(programOf('short')?.starts).toBeGreaterThan(1)
  })

  it.concurrent('is let in where publishers need a token', async () => {
    await waitFor('its stream', () => running.server.stream('//secured.example/live/secured')?.publication)
    expect(programOf('secured')).toMatchObject({ failures: 0, lastError: null })
    expect(programOf('secured')?.output).not.toContain('srs_pass')
  })

  it.concurrent('on demand runs from the first viewer until nobody watches', async (scope) => {
    expect(programOf('demand')).toBeUndefined()
    const player = await playHttpFlv(scope, `${running.httpUrl}/live/demand.flv`)
    await player.reaches(100)
    const pid = await waitFor('its process', () => programOf('demand')?.pid)
    player.leave()
    await waitFor('its end', () => programOf('demand') === undefined)
    expect(isAlive(pid)).toBe(false)
  })

  it.concurrent('on demand runs for who watches what is made of it, and not for the engine that makes it', async (scope) => {
    // It is answered when both are there: the ingest, and what the engine makes of it.
    const player = await playHttpFlv(scope, `${running.httpUrl}/live/ladder_copy.flv`)
    await player.reaches(1000)
    const viewers = running.server.stream('live/ladder')?.viewers
    expect(viewers?.size).toBe(1)
    player.leave()
    await waitFor('its end', () => programOf('ladder') === undefined)
    expect(viewers?.size).toBe(1)
  })
})

describe('when the server closes', () => {
  it('no FFmpeg is left', async () => {
    const pids = running.server.programs.flatMap(({ pid }) => pid ?? [])
    expect(pids.length).toBeGreaterThan(5)
    await running.server.close()
    expect(pids.filter(isAlive)).toEqual([])
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
