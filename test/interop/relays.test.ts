import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostOf, startEdge } from '../support/edge.ts'
import { publishWithFfmpeg, publishWithHold } from '../support/ffmpeg.ts'
import { startNginxRtmp } from '../support/nginx-rtmp.ts'
import { startNodeMediaServer } from '../support/node-media-server.ts'
import {
  AS_STORED,
  FfmpegPlayer,
  type Packet,
  readPackets,
  requireRun,
  type Track,
} from '../support/packets.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 8
const GOP = 25
const TRACKS: readonly Track[] = ['v', 'a']
/** That the stream is not there yet is no reason to look for another origin. */
const PATIENT = { silenceTimeoutMs: 60_000 } as const

const fileScope = new FileScope()
let source: string
let sent: Record<Track, readonly Packet[]>
beforeAll(async () => {
  const args = [...videoInput('160x120'), ...audioInput, ...h264({ gop: GOP, bitRate: '200k' }), ...aac]
  source = await makeFlv(await mediaFolder(fileScope), 'source', args, SECONDS)
  sent = {
    v: await readPackets(source, 'v', AS_STORED),
    a: await readPackets(source, 'a', AS_STORED),
  }
})
afterAll(() => fileScope.clean())

/**
 * FFmpeg publishes at one end and plays at the other, where it waits already: what comes out is what went in, from a keyframe to the
 * end.
 * @param isReady whether the player has come as far as it can before the encoder
 * @returns the index of the first picture that came
 */
async function requireSame(scope: Scope, from: string, to: string, isReady: () => boolean): Promise<number> {
  const player = new FfmpegPlayer(scope, { url: to })
  await waitFor('the way is there', isReady)
  await publishWithFfmpeg(scope, source, from).succeeded()
  for (const track of TRACKS) {
    await player.reachEnd(track, sent[track])
  }
  player.requireWell()
  const [video, audio] = TRACKS.map((track) => requireRun(player.packets(track), sent[track]))
  expect(audio?.offsetMs, 'one constant for both tracks').toBe(video?.offsetMs)
  expect([video?.end, audio?.end]).toEqual([sent.v.length, sent.a.length])
  expect((video?.first ?? 1) % GOP).toBe(0)
  return video?.first ?? -1
}

/** Whether somebody waits for the stream. */
function isAwaited({ server }: TestServer): boolean {
  return server.stream('live/film')?.viewers.size === 1
}

/** Whether an edge has asked its origin. */
function hasAsked({ log }: TestServer): boolean {
  return log.withMessage('a stream is asked for at an origin').length > 0
}

/** Starts a server that forwards to others. */
function startForwarding(scope: Scope, ...destinations: string[]): Promise<TestServer> {
  return startServer(scope, { vhosts: { __defaultVhost__: { forward: { destinations } } } })
}

describe.concurrent('over two hops, packet by packet and time by time', () => {
  it('nginx-rtmp is the origin of our edge, and the edge of that', async (scope) => {
    const origin = await startNginxRtmp(scope)
    const edge = await startEdge(scope, [hostOf(origin)], PATIENT)
    const farEdge = await startNginxRtmp(scope, { far: `pull ${edge.rtmpUrl}/live;` })
    const first = await requireSame(scope, `${origin}/live/film`, `${farEdge}/far/film`, () => hasAsked(edge))
    expect(first).toBe(0)
  })

  it('node-media-server is the origin of our edge, and pulls from that', async (scope) => {
    const origin = await startNodeMediaServer(scope)
    const edge = await startEdge(scope, [hostOf(origin.rtmpUrl)], PATIENT)
    const relay = { mode: 'pull', url: `${edge.rtmpUrl}/live/film`, streamPath: '/live/film' } as const
    const farEdge = await startNodeMediaServer(scope, [relay])
    const [from, to] = [`${origin.rtmpUrl}/live/film`, `${farEdge.rtmpUrl}/live/film`]
    expect(await requireSame(scope, from, to, () => hasAsked(edge))).toBe(0)
  })

  it('nginx-rtmp pushes to our origin, from which our edge pulls', async (scope) => {
    const origin = await startServer(scope)
    const pushing = await startNginxRtmp(scope, { push: `push ${origin.rtmpUrl}/live;` })
    const edge = await startEdge(scope, [hostOf(origin.rtmpUrl)], PATIENT)
    await requireSame(scope, `${pushing}/push/film`, `${edge.rtmpUrl}/live/film`, () => hasAsked(edge))
  })

  it('we forward to nginx-rtmp, which pushes to ours', async (scope) => {
    const last = await startServer(scope)
    const destination = await startNginxRtmp(scope, { live2: `push ${last.rtmpUrl}/live;` })
    const first = await startForwarding(scope, `${destination}/live2/[stream]`)
    await requireSame(scope, `${first.rtmpUrl}/live/film`, `${last.rtmpUrl}/live/film`, () => isAwaited(last))
  })

  it('we forward to node-media-server, which pushes to ours', async (scope) => {
    const last = await startServer(scope)
    const relay = { mode: 'push', url: `${last.rtmpUrl}/live/film`, streamPath: '/live/film' } as const
    const destination = await startNodeMediaServer(scope, [relay])
    const first = await startForwarding(scope, hostOf(destination.rtmpUrl))
    await requireSame(scope, `${first.rtmpUrl}/live/film`, `${last.rtmpUrl}/live/film`, () => isAwaited(last))
  })
})

it.concurrent('by HTTP-FLV, too, our edge gets what node-media-server has', async (scope) => {
  const origin = await startNodeMediaServer(scope)
  const { goOn, publisher } = await publishWithHold(scope, source, `${origin.rtmpUrl}/live/film`)
  const edge = await startEdge(scope, [hostOf(origin.httpUrl)], { ...PATIENT, protocol: 'flv' })
  const player = new FfmpegPlayer(scope, { url: `${edge.rtmpUrl}/live/film` })
  await waitFor(
    () => `the edge has the stream: ${JSON.stringify(edge.log.lines.slice(-5))}`,
    () => isAwaited(edge) && edge.server.stream('live/film')?.state.hasVideo,
  )
  goOn()
  await publisher.succeeded()
  await player.reachEnd('v', sent.v)
  expect(requireRun(player.packets('v'), sent.v)).toMatchObject({ end: sent.v.length })
})
