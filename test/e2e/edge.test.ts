import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MediaPacket, RtmpPlayer, RtmpPublisher } from '../../src/index.ts'
import { mediaOf, readPacketsOf } from '../support/clip.ts'
import { hostOf, startEdge } from '../support/edge.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

const file = new FileScope()
let packets: MediaPacket[] = []
let origin: TestServer
/** Pulls by RTMP. */
let edge: TestServer
/** Pulls from `edge`, by HTTP-FLV. */
let farEdge: TestServer

beforeAll(async () => {
  packets = await readPacketsOf(3)
  origin = await startServer(file)
  edge = await startEdge(file, [hostOf(origin.rtmpUrl)], { idleMs: 300 })
  farEdge = await startEdge(file, [hostOf(edge.httpUrl)], { protocol: 'flv', idleMs: 300 })
})

afterAll(() => file.clean())

/** What comes later may wait for what comes behind it. */
const COMPARED_MS = 2500

type Media = ReturnType<typeof mediaOf>

/** Media before a time. */
function before({ audio, video }: Media, timeMs: number): Media {
  return { audio: audio.filter(({ dts }) => dts < timeMs), video: video.filter(({ dts }) => dts < timeMs) }
}

/** Reads until both kinds have come to a time, and gives what was before it. */
async function readTo(player: AsyncIterable<MediaPacket>, timeMs: number): Promise<Media> {
  const read: MediaPacket[] = []
  const newest = { audio: -1, video: -1, data: timeMs }
  for await (const packet of player) {
    read.push(packet)
    newest[packet.kind] = packet.kind === 'data' ? timeMs : packet.timestamp
    if (Math.min(newest.audio, newest.video) >= timeMs) {
      break
    }
  }
  return before(mediaOf(read), timeMs)
}

/** Publishes all packets but the first GOP's rest at the origin; the caller sends more. */
async function publish(scope: Scope, url: string): Promise<RtmpPublisher> {
  const publisher = await RtmpPublisher.publish(url)
  scope.onTestFinished(() => publisher.close())
  return publisher
}

describe('an edge', () => {
  it('gives what the origin has, over two hops, by RTMP and by HTTP-FLV: payload by payload, time by time', async (scope) => {
    const publisher = await publish(scope, `${origin.rtmpUrl}/live/hops`)
    const player = await RtmpPlayer.play(`${farEdge.rtmpUrl}/live/hops`)
    await waitFor('the pull of the pull', () => (origin.server.stream('live/hops')?.viewers.size ?? 0) === 1)
    for (const packet of packets) {
      await publisher.write(packet)
    }
    expect(await readTo(player, COMPARED_MS)).toEqual(before(mediaOf(packets), COMPARED_MS))
    await player.close()
  })
})
