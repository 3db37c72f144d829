import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest'
import { type MediaPacket, RtmpPublisher } from '../../src/index.ts'
import { readPacketsOf } from '../support/clip.ts'
import { HlsPlayer } from '../support/hls-player.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv } from '../support/players.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const MANY = 200
/** Connections are opened so many at a time: a listener's backlog is bounded. */
const AT_ONCE = 50

const fileScope = new FileScope()
let packets: MediaPacket[] = []
beforeAll(async () => {
  const folder = await mediaFolder(fileScope)
  const args = [...videoInput('160x120'), ...audioInput, ...h264({ gop: 10, bitRate: '100k' }), ...aac]
  packets = await readPacketsOf(100, await makeFlv(folder, 'clip', args, 3))
})
afterAll(() => fileScope.clean())

/** Publishes a clip to so many players of each kind, who are there before its first frame; returns frames by format. */
async function encodedFor(context: TestContext, playersOfEachKind: number): Promise<Record<string, number>> {
  const at = await startServer(context, { hls: { fragmentMs: 400 } })
  const publisher = await RtmpPublisher.publish(`${at.rtmpUrl}/live/clip`)
  context.onTestFinished(() => publisher.close())
  const { players, hlsPlayers } = await playByAllWays(context, at, playersOfEachKind)
  const stream = at.server.stream('live/clip')
  await waitFor('all players', () => stream?.viewers.size === 4 * playersOfEachKind)
  const last = packets.at(-1)?.timestamp ?? 0
  for (const packet of packets) {
    await publisher.write(packet)
  }
  await Promise.all(players.map((player) => player.reaches(last)))
  await Promise.all(hlsPlayers.map((player) => player.waitFor('segments', () => player.segments.length > 2)))
  await waitFor('all frames', () => (stream?.counters.frames ?? 0) >= packets.length - 1)
  return at.server.framesEncoded('live/clip')
}

async function playByAllWays(context: TestContext, { rtmpUrl, httpUrl, wsUrl }: TestServer, count: number) {
  const players = []
  for (let started = 0; started < count; started += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - started) }, () => [
      playRtmp(context, `${rtmpUrl}/live/clip`),
      playHttpFlv(context, `${httpUrl}/live/clip.flv`),
      playWebSocketFlv(context, `${wsUrl}/live/clip.flv`),
    ])
    players.push(...(await Promise.all(batch.flat())))
  }
  const hlsPlayers = Array.from({ length: count }, () =>
    HlsPlayer.start(context, `${httpUrl}/live/clip.m3u8`),
  )
  return { players, hlsPlayers }
}

it('frames are encoded once per format, for 200 players as for one, and not at all for none', async (context) => {
  expect(await encodedFor(context, 0)).toEqual({ hls: 0 })
  const forOne = await encodedFor(context, 1)
  expect(
    Object.keys(forOne)
      .map((key) => key.split('/')[0])
      .sort(),
  ).toEqual(['flv', 'hls', 'rtmp', 'ws-flv'])
  // Sequence headers, metadata, audio and video; HLS has no frames of the first two kinds.
  const media = packets.filter(({ kind }) => kind !== 'data').length
  for (const [format, frames] of Object.entries(forOne)) {
    expect(frames, format).toBeGreaterThan(media - 4)
    expect(frames, format).toBeLessThanOrEqual(packets.length)
  }
  expect(await encodedFor(context, MANY)).toEqual(forOne)
})
