import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishWithFfmpeg } from '../support/ffmpeg.ts'
import { Ffmpeg8Player, publishWithFfmpeg8 } from '../support/ffmpeg8.ts'
import {
  AS_STORED,
  FfmpegPlayer,
  type Packet,
  type PacketPlayer,
  readPackets,
  requireRun,
  type Track,
} from '../support/packets.ts'
import { FileScope, startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 5
const TRACKS: readonly Track[] = ['v', 'a']

const fileScope = new FileScope()
let source: string
let sent: Record<Track, Packet[]>
beforeAll(async () => {
  const inputs = [...videoInput('160x120'), ...audioInput]
  const codecs = [...h264({ gop: 25 }), ...aac]
  source = await makeFlv(await mediaFolder(fileScope), 'source', [...inputs, ...codecs], SECONDS)
  sent = { v: await readPackets(source, 'v', AS_STORED), a: await readPackets(source, 'a', AS_STORED) }
})
afterAll(() => fileScope.clean())

/** What every player must have got in the end: all from where it joined, as it was sent. */
async function requireAll(player: PacketPlayer): Promise<void> {
  for (const track of TRACKS) {
    await player.reachEnd(track, sent[track])
    expect(requireRun(player.packets(track), sent[track]).end).toBe(sent[track].length)
    expect(player.packets(track).length).toBeGreaterThan(sent[track].length / 2)
  }
  player.requireWell()
}

describe.concurrent('FFmpeg 8', () => {
  it('publishes what FFmpeg 5 and 8 play over RTMP and HTTP-FLV', async (context) => {
    const { server, rtmpUrl, httpUrl } = await startServer(context)
    const publisher = publishWithFfmpeg8(context, source, `${rtmpUrl}/live/new`)
    await waitFor('a publication', () => server.stream('live/new')?.publication)
    const players = [
      new Ffmpeg8Player(context, `${rtmpUrl}/live/new`),
      new Ffmpeg8Player(context, `${httpUrl}/live/new.flv`),
      new FfmpegPlayer(context, { url: `${rtmpUrl}/live/new` }),
    ]
    await publisher.succeeded()
    for (const player of players) {
      await requireAll(player)
    }
  })

  it('plays over RTMP what FFmpeg 5 publishes', async (context) => {
    const { server, rtmpUrl } = await startServer(context)
    const publisher = publishWithFfmpeg(context, source, `${rtmpUrl}/live/old`)
    await waitFor('a publication', () => server.stream('live/old')?.publication)
    const player = new Ffmpeg8Player(context, `${rtmpUrl}/live/old`)
    await publisher.succeeded()
    await requireAll(player)
    expect(player.streams.map(({ codec }) => codec).sort()).toEqual(['aac', 'h264'])
  })
})
