import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import { publishWithFfmpeg, startTool } from '../support/ffmpeg.ts'
import {
  AS_STORED,
  COMMON_OF_FLV,
  COMMON_OF_TS,
  decodeWhole,
  FfmpegPlayer,
  type Filters,
  HELD_BACK_OF_TS,
  type Packet,
  readPackets,
  requireRun,
  type Track,
} from '../support/packets.ts'
import { FileScope, type Scope, startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 60
const FRAMES_PER_SECOND = 25
const GOP = 50
const TRACKS: readonly Track[] = ['v', 'a']

const fileScope = new FileScope()
let folder: string
let source: string
beforeAll(async () => {
  folder = await mediaFolder(fileScope)
  const inputs = [...videoInput('320x180'), ...audioInput]
  source = await makeFlv(folder, 'source', [...inputs, ...h264({ gop: GOP }), ...aac], SECONDS)
})
afterAll(() => fileScope.clean())

/** FFmpeg plays what a WebSocket client gets: the messages' bytes, one after the other, are the FLV stream. */
function playWebSocket(scope: Scope, url: string): FfmpegPlayer {
  const player = new FfmpegPlayer(scope, { url: 'pipe:0', inputArgs: ['-f', 'flv'] })
  const webSocket = new WebSocket(url)
  webSocket.on('message', (data: Buffer) => player.process.stdin.write(data))
  webSocket.on('error', (error) => player.process.stdin.destroy(error))
  scope.onTestFinished(() => webSocket.terminate())
  return player
}

/** Video tags in a file that is still being written; 0 if it is not there yet. */
async function videoTags(file: string): Promise<number> {
  let count = 0
  const bytes = await readFile(file).catch(() => new Uint8Array())
  new FlvTagReader().push(bytes, (tag) => {
    count += tag.type === FlvTagType.video ? 1 : 0
  })
  return count
}

type Judged = Readonly<{
  name: string
  player: FfmpegPlayer
  /** How the source's packets are brought to the form in which this player's are compared. */
  filters: Filters
  /** Packets at the end of a track that FFmpeg may hold back. */
  heldBack: number
}>

function requireSame({ name, player, heldBack }: Judged, sent: Record<Track, readonly Packet[]>): void {
  player.requireWell()
  const runs = TRACKS.map((track) => requireRun(player.packets(track), sent[track]))
  const [video, audio] = runs
  expect(audio?.offsetMs, `${name}: one constant for both tracks`).toBe(video?.offsetMs)
  // It began at a keyframe and has everything to the end.
  expect((video?.first ?? 1) % GOP, name).toBe(0)
  expect(video?.end, name).toBeGreaterThanOrEqual(sent.v.length - heldBack)
  expect(audio?.end, name).toBeGreaterThanOrEqual(sent.a.length - heldBack)
}

describe.concurrent('what FFmpeg publishes', () => {
  it('comes out of RTMP, HTTP-FLV, WebSocket-FLV and HLS packet by packet, from where a player joins', async (context) => {
    const { server, rtmpUrl, httpUrl, wsUrl } = await startServer(context)
    const publisher = publishWithFfmpeg(context, source, `${rtmpUrl}/live/film`)
    await waitFor('a publication', () => server.stream('live/film')?.publication)

    // RTMP and FLV carry payloads as they were published: they are compared as stored. MPEG-TS adds delimiters, parameter
    // sets and ADTS headers: what it has in common with FLV is compared. All of it is decoded by the players, too.
    const rtmp = new FfmpegPlayer(context, { url: `${rtmpUrl}/live/film` })
    const hls = new FfmpegPlayer(context, { url: `${httpUrl}/live/film.m3u8`, filters: COMMON_OF_TS })
    await rtmp.atLeast('v', 5 * FRAMES_PER_SECOND)
    const flv = new FfmpegPlayer(context, { url: `${httpUrl}/live/film.flv` })
    await rtmp.atLeast('v', 12 * FRAMES_PER_SECOND)
    const webSocket = playWebSocket(context, `${wsUrl}/live/film.flv`)

    await publisher.succeeded()
    const judged: Judged[] = [
      { name: 'RTMP', player: rtmp, filters: AS_STORED, heldBack: 0 },
      { name: 'HTTP-FLV', player: flv, filters: AS_STORED, heldBack: 0 },
      { name: 'WebSocket-FLV', player: webSocket, filters: AS_STORED, heldBack: 0 },
      { name: 'HLS', player: hls, filters: COMMON_OF_TS, heldBack: HELD_BACK_OF_TS },
    ]
    for (const { player, filters, heldBack, name } of judged) {
      const form = filters === COMMON_OF_TS ? COMMON_OF_FLV : filters
      const sent = { v: await readPackets(source, 'v', form), a: await readPackets(source, 'a', form) }
      expect(sent.v).toHaveLength(SECONDS * FRAMES_PER_SECOND)
      // There are B-frames: not every picture is shown after the one decoded before it.
      expect(sent.v.some(({ pts }, index) => pts < (sent.v[index - 1]?.pts ?? pts))).toBe(true)
      for (const track of TRACKS) {
        await player.reachEnd(track, sent[track], heldBack)
      }
      requireSame({ player, filters, heldBack, name }, sent)
    }
  })

  it('is recorded by rtmpdump as a valid FLV file', async (context) => {
    const { server, rtmpUrl } = await startServer(context)
    publishWithFfmpeg(context, source, `${rtmpUrl}/live/film`)
    await waitFor('a publication', () => server.stream('live/film')?.publication)
    const file = join(folder, 'rtmpdump.flv')
    const recorder = startTool(context, 'rtmpdump', [
      '--quiet',
      '--live',
      '-r',
      `${rtmpUrl}/live/film`,
      '-o',
      file,
    ])
    await waitFor('4 s of media', async () => (await videoTags(file)) > 4 * FRAMES_PER_SECOND)
    // So a person ends a recording; rtmpdump then finishes the file.
    recorder.kill('SIGINT')
    await recorder.exited
    expect(recorder.stderr).toBe('')
    await decodeWhole(file)
    for (const track of TRACKS) {
      const sent = await readPackets(source, track, AS_STORED)
      const run = requireRun(await readPackets(file, track, AS_STORED), sent)
      expect(run.end - run.first).toBeGreaterThan(3 * FRAMES_PER_SECOND)
    }
  })
})
