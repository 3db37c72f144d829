import { hash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MediaPacket } from '../../src/index.ts'
import { PacedFile } from '../../src/ingest/index.ts'
import { FlvTagType, parseAudioTagBody, parseVideoTagBody, VideoPacketType } from '../../src/media/index.ts'
import { readPacketsOf } from '../support/clip.ts'
import { runTool } from '../support/ffmpeg.ts'
import {
  Ffmpeg8Player,
  type Ffmpeg8Stream,
  makeFlvWithFfmpeg8,
  publishHeldWithFfmpeg8,
  readWithFfmpeg8,
} from '../support/ffmpeg8.ts'
import { RushingClock } from '../support/live.ts'
import { FfmpegPlayer, type Filters, readPackets, requireRun, type Track } from '../support/packets.ts'
import { FileScope, type Scope, startServer } from '../support/server.ts'
import { mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

const SECONDS = 4
const FRAMES = SECONDS * 25
const GOP = 25
const TRACKS: readonly Track[] = ['v', 'a']

/** What a player says that knows the new codecs. */
const ANNOUNCED = { rtmp_enhanced_codecs: 'hvc1,av01,vp09,Opus' }

const sound = ['-f', 'lavfi', '-i', 'anoisesrc=amplitude=0.2:sample_rate=48000']
const opus = ['-c:a', 'libopus', '-b:a', '48k']
const realtime = ['-deadline', 'realtime', '-cpu-used', '8', '-g', '25']

const cases = [
  {
    name: 'HEVC',
    args: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=25:bframes=2'],
    rfc6381: /^hvc1\.1\.6\.L\d+\./,
    decoder: 'hevc',
  },
  {
    name: 'AV1',
    args: ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-g', '25'],
    rfc6381: /^av01\.0\.\d\dM\.08$/,
    decoder: 'av1',
  },
  {
    name: 'VP9',
    args: ['-c:v', 'libvpx-vp9', ...realtime],
    rfc6381: /^vp09\.00\.\d\d\.08$/,
    decoder: 'vp9',
  },
] as const

type Source = Readonly<{
  /** As encoded. */
  mp4: string
  /** The same packets as FFmpeg 8 writes them in FLV. */
  flv: string
  streams: readonly Ffmpeg8Stream[]
}>

const fileScope = new FileScope()
const sources = new Map<string, Source>()

/** Encodes with what the system's FFmpeg has, and has FFmpeg 8 make the FLV that it will publish. */
async function makeSource(folder: string, name: string, args: readonly string[]): Promise<void> {
  const [mp4, flv] = [join(folder, `${name}.mp4`), join(folder, `${name}.flv`)]
  const input = [...videoInput('160x120'), ...sound]
  const rate = ['-b:v', '200k', '-pix_fmt', 'yuv420p']
  await runTool('ffmpeg', ['-v', 'error', ...input, ...args, ...rate, ...opus, '-t', `${SECONDS}`, mp4])
  await makeFlvWithFfmpeg8(mp4, flv)
  sources.set(name, { mp4, flv, streams: await readWithFfmpeg8(flv) })
}

beforeAll(async () => {
  const folder = await mediaFolder(fileScope)
  await Promise.all(cases.map(({ name, args }) => makeSource(folder, name, args)))
})
afterAll(() => fileScope.clean())

function trackOf(streams: readonly Ffmpeg8Stream[], track: Track): Ffmpeg8Stream {
  return streams.find((stream) => stream.track === track) ?? expect.fail(`no stream ${track}`)
}

function sourceOf(name: string): Source {
  return sources.get(name) ?? expect.fail(`no source ${name}`)
}

/** The player got all, from where it joined, as it was sent. */
async function requireAll(player: Ffmpeg8Player, streams: readonly Ffmpeg8Stream[]): Promise<void> {
  for (const track of TRACKS) {
    const sent = trackOf(streams, track)
    await player.reachEnd(track, sent.packets)
    const run = requireRun(player.packets(track), sent.packets)
    expect(run.end).toBe(sent.packets.length)
    expect(run.end - run.first).toBeGreaterThanOrEqual(GOP)
    const received = trackOf(player.streams, track)
    expect(received.codec).toBe(sent.codec)
    if (sent.codec !== 'vp9') {
      // FFmpeg 8 makes that of VP9 anew when it publishes, with colours that it found while it looked into the file.
      expect(received.extraData).toBe(sent.extraData)
    }
  }
  player.requireWell()
}

/** Publishes the beginning of a source, and all of it once there are so many viewers. */
async function publish(scope: Scope, { flv }: Source, options: Parameters<typeof startServer>[1] = {}) {
  const started = await startServer(scope, options)
  const stream = () => started.server.stream('live/new')
  const { publisher, goOn } = publishHeldWithFfmpeg8(scope, flv, `${started.rtmpUrl}/live/new`)
  await waitFor('the codecs', () => stream()?.state.video)
  const publishAll = async (viewers: number): Promise<void> => {
    await waitFor('all viewers', () => stream()?.viewers.size === viewers)
    goOn()
    await publisher.succeeded()
  }
  return { ...started, publishAll }
}

/** Times and hashes of bodies with coded audio or video. */
function codedOf(packets: readonly MediaPacket[], kind: 'audio' | 'video'): string[] {
  return packets.flatMap(({ kind: own, timestamp, body }) => {
    if (own !== kind) {
      return []
    }
    const { packetType } = own === 'video' ? parseVideoTagBody(body) : parseAudioTagBody(body)
    const isCoded = packetType === VideoPacketType.codedFrames || packetType === VideoPacketType.codedFramesX
    return isCoded ? [`${timestamp} ${hash('md5', body)}`] : []
  })
}

describe.concurrent('an MP4 file', () => {
  it.for(cases)('of $name with Opus is played as FFmpeg 8 writes it as FLV', async ({ name }) => {
    const { mp4, flv } = sourceOf(name)
    const packets: MediaPacket[] = []
    await new PacedFile({ path: mp4, loop: false }, new RushingClock()).play(({ type, body, positionMs }) => {
      const kind = type === FlvTagType.video ? 'video' : type === FlvTagType.audio ? 'audio' : 'data'
      packets.push({ kind, timestamp: positionMs, body })
    })
    const theirs = await readPacketsOf(2 * SECONDS, flv)
    expect(codedOf(packets, 'video')).toHaveLength(FRAMES)
    expect(codedOf(packets, 'video')).toEqual(codedOf(theirs, 'video'))
    expect(codedOf(packets, 'audio')).toEqual(codedOf(theirs, 'audio'))
  })
})

describe.concurrent('published by FFmpeg 8', () => {
  it.for(cases)(
    '$name with Opus comes out of RTMP and HTTP-FLV packet by packet',
    async (wanted, context) => {
      const source = sourceOf(wanted.name)
      const { server, rtmpUrl, httpUrl, publishAll } = await publish(context, source)
      const players = [
        new Ffmpeg8Player(context, `${rtmpUrl}/live/new`, ANNOUNCED),
        new Ffmpeg8Player(context, `${httpUrl}/live/new.flv`),
      ]
      await publishAll(players.length)
      for (const player of players) {
        await requireAll(player, source.streams)
      }
      const video = trackOf(source.streams, 'v')
      expect(video.codec).toBe(wanted.decoder)
      expect(video.packets).toHaveLength(FRAMES)
      expect(trackOf(source.streams, 'a').codec).toBe('opus')
      expect(server.stream('live/new')?.counters.framesDropped).toBe(0)
    },
  )

  it.for(cases)('$name is told to who cannot play it, and described', async (wanted, context) => {
    const { rtmpUrl, httpUrl } = await publish(context, sourceOf(wanted.name))
    // It announces nothing.
    const old = new FfmpegPlayer(context, { url: `${rtmpUrl}/live/new` })
    await old.process.exited
    expect(old.process.stderr).toMatch(
      /live\/new is \w+ \(\w+\).*which this player did not announce.*rtmp_enhanced_codecs/,
    )
    const described = JSON.parse((await ask(`${httpUrl}/api/v1/streams/`)).body ?? '')
    expect(described.streams[0]).toMatchObject({
      video: { codec: wanted.name, width: 160, height: 120, rfc6381: expect.stringMatching(wanted.rfc6381) },
      audio: { codec: 'Opus', sample_rate: 48_000, channel: 1, rfc6381: 'opus' },
    })
    if (wanted.name !== 'HEVC') {
      const { status, body } = await ask(`${httpUrl}/live/new.m3u8`)
      expect(status).toBe(406)
      expect(body).toContain("which HLS in MPEG-TS can't carry: watch it by HTTP-FLV (/live/new.flv)")
    }
  })

  it('HEVC comes out of HLS packet by packet, without the Opus that MPEG-TS has no place for', async (context) => {
    const { mp4 } = sourceOf('HEVC')
    const { httpUrl, publishAll } = await publish(context, sourceOf('HEVC'), { hls: { fragmentMs: 1000 } })
    // What MPEG-TS adds or repeats is left out: delimiters and parameter sets; so is SEI, which FFmpeg repeats.
    const received: Filters = { v: 'filter_units=remove_types=32-40' }
    const player = new FfmpegPlayer(context, {
      url: `${httpUrl}/live/new.m3u8`,
      tracks: ['v'],
      filters: received,
      inputArgs: ['-live_start_index', '0'],
    })
    await publishAll(1)
    const sent = await readPackets(mp4, 'v', { v: 'hevc_mp4toannexb,filter_units=remove_types=32-40' })
    await player.reachEnd('v', sent, 1)
    const run = requireRun(player.packets('v'), sent)
    expect(run.end - run.first).toBeGreaterThanOrEqual(GOP)
    player.requireWell()
  })
})
