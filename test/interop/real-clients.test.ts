import { chmod } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Server } from '../../src/index.ts'
import {
  playWithGstreamer,
  playWithRtmpdump,
  playWithVlc,
  publishWithGstreamer,
  publishWithVlc,
} from '../support/clients.ts'
import { publishWithFfmpeg, type ToolProcess } from '../support/ffmpeg.ts'
import { Ffmpeg8Player, publishWithFfmpeg8 } from '../support/ffmpeg8.ts'
import {
  AS_STORED,
  COMMON_OF_FLV,
  FfmpegPlayer,
  type Filters,
  type PacketPlayer,
  readPackets,
  requireRun,
  type Track,
} from '../support/packets.ts'
import { FileScope, type Scope, startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 5
const TRACKS: readonly Track[] = ['v', 'a']

/** How a client's packets are compared; by default they are all there, as they are stored. */
type Judgement = Readonly<{
  filters?: Filters
  /** Packets at the beginning of a track that it stamps anew, where B-frames have them decoded before time begins. */
  skipped?: number
  /** Packets at the end of a track that it may keep to itself: VLC ends without its last half second. */
  heldBack?: number
}>
type Publisher = Judgement &
  Readonly<{ name: string; publish(scope: Scope, url: string): ToolProcess | Promise<ToolProcess> }>
type Player = Judgement &
  Readonly<{
    name: string
    play(scope: Scope, url: string): PacketPlayer | Promise<PacketPlayer>
    /** It hands on in blocks: it has everything when the server has ended the connection. */
    inBlocks?: true
  }>

const publishers: readonly Publisher[] = [
  { name: 'FFmpeg 5', publish: (scope, url) => publishWithFfmpeg(scope, source, url) },
  { name: 'FFmpeg 8', publish: (scope, url) => publishWithFfmpeg8(scope, source, url) },
  {
    name: "GStreamer's rtmpsink",
    publish: (scope, url) => publishWithGstreamer(scope, 'rtmpsink', source, url),
    skipped: 2,
  },
  {
    name: "GStreamer's rtmp2sink",
    publish: (scope, url) => publishWithGstreamer(scope, 'rtmp2sink', source, url),
    skipped: 2,
  },
  {
    name: 'VLC',
    publish: (scope, url) => publishWithVlc(scope, source, url),
    filters: COMMON_OF_FLV,
    skipped: 2,
    heldBack: 25,
  },
]

const players: readonly Player[] = [
  { name: 'FFmpeg 5', play: (scope, url) => new FfmpegPlayer(scope, { url }) },
  { name: 'FFmpeg 8', play: (scope, url) => new Ffmpeg8Player(scope, url) },
  { name: 'rtmpdump', play: playWithRtmpdump, inBlocks: true },
  {
    name: "GStreamer's rtmpsrc",
    play: (scope, url) => playWithGstreamer(scope, 'rtmpsrc', `${url} live=1`),
    inBlocks: true,
  },
  { name: "GStreamer's rtmp2src", play: (scope, url) => playWithGstreamer(scope, 'rtmp2src', url) },
  {
    name: 'VLC',
    play: (scope, url) => playWithVlc(scope, url, { filters: COMMON_OF_FLV }),
    filters: COMMON_OF_FLV,
    inBlocks: true,
    skipped: 2,
    heldBack: 25,
  },
]

const fileScope = new FileScope()
let source: string
beforeAll(async () => {
  const folder = await mediaFolder(fileScope)
  // VLC reads it as somebody else where the tests run as root.
  await chmod(folder, 0o755)
  const inputs = [...videoInput('160x120'), ...audioInput]
  source = await makeFlv(folder, 'source', [...inputs, ...h264({ gop: 25 }), ...aac], SECONDS)
})
afterAll(() => fileScope.clean())

/** A player got everything, as it was sent. */
async function requireAll(player: PacketPlayer, judgement: Judgement): Promise<void> {
  const { filters = AS_STORED, skipped = 0, heldBack = 0 } = judgement
  const offsets = []
  for (const track of TRACKS) {
    const sent = await readPackets(source, track, filters)
    await player.reachEnd(track, sent, heldBack)
    const run = requireRun(player.packets(track).slice(skipped), sent)
    expect(run.first).toBe(skipped)
    expect(run.end).toBeGreaterThanOrEqual(sent.length - heldBack)
    offsets.push(run.offsetMs)
  }
  expect(offsets[1], 'one constant for both tracks').toBe(offsets[0])
  expect(player.process.stderr).toBe('')
}

/** Players come first: so they get everything, however slowly their programs start. */
async function awaitViewer(server: Server): Promise<void> {
  await waitFor('a viewer', () => server.stream('live/clip')?.viewers.size === 1)
}

describe.concurrent('a stream, packet by packet', () => {
  it.for(publishers)('$name publishes, FFmpeg plays', async ({ publish, ...judgement }, context) => {
    const { server, rtmpUrl } = await startServer(context)
    const url = `${rtmpUrl}/live/clip`
    // FFmpeg's program can filter, and puts times right that its libraries leave as they are.
    const { filters } = judgement
    const player = filters ? new FfmpegPlayer(context, { url, filters }) : new Ffmpeg8Player(context, url)
    await awaitViewer(server)
    const publisher = await publish(context, url)
    expect(await publisher.exited).toEqual({ code: 0, signal: null })
    await requireAll(player, judgement)
  })

  it.for(players)('$name plays, FFmpeg publishes', async ({ play, inBlocks, ...judgement }, context) => {
    const { server, rtmpUrl } = await startServer(context)
    const player = await play(context, `${rtmpUrl}/live/clip`)
    await awaitViewer(server)
    await publishWithFfmpeg(context, source, `${rtmpUrl}/live/clip`).succeeded()
    if (inBlocks) {
      // A server that closes drops what slow players have not taken; of a stream that is over they get all.
      server.stream('live/clip')?.end({ code: 'closed', message: 'over' })
    }
    await requireAll(player, judgement)
  })
})
