import { readFile } from 'node:fs/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type MediaPacket,
  RtmpPlayer,
  RtmpPublisher,
  type ServerSettings,
  type StreamRequest,
} from '../../src/index.ts'
import { watchEdge } from '../soak/edge.ts'
import { makeCertificate } from '../support/certificate.ts'
import { mediaOf, readPacketsOf } from '../support/clip.ts'
import { hostOf, startEdge } from '../support/edge.ts'
import { playHttpFlv, playWebSocketFlv } from '../support/players.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP } from '../support/web.ts'

/** Publishers send all at once and then nothing, which is no reason to look for another origin. */
const PATIENT = { silenceTimeoutMs: 600_000 } as const

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
  edge = await startEdge(file, [hostOf(origin.rtmpUrl)], { idleMs: 300, ...PATIENT })
  farEdge = await startEdge(file, [hostOf(edge.httpUrl)], { protocol: 'flv', idleMs: 300, ...PATIENT })
})

afterAll(() => file.clean())

/** What comes later may wait for what comes behind it. */
const COMPARED_MS = 2500

/** Sockets of this process that are open. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

function abandoned({ server }: TestServer): number {
  return server.streams.filter(({ name }) => name.stream.startsWith('abandoned')).length
}

/** Publishes at one server; gives the address by HTTP-FLV at another. */
async function published(scope: Scope, from: TestServer, at: TestServer, path: string): Promise<string> {
  await send(await publish(scope, `${from.rtmpUrl}/${path}`))
  return `${at.httpUrl}/${path}.flv`
}

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

/** Publishes; the connection is closed after the test. */
async function publish(scope: Scope, url: string): Promise<RtmpPublisher> {
  const publisher = await RtmpPublisher.publish(url)
  scope.onTestFinished(() => publisher.close())
  return publisher
}

async function play(scope: Scope, url: string): Promise<RtmpPlayer> {
  const player = await RtmpPlayer.play(url)
  scope.onTestFinished(() => player.close())
  return player
}

/** Sends the clip's packets at once, their times moved on. */
async function send(publisher: RtmpPublisher, fromMs = 0): Promise<void> {
  for (const packet of packets) {
    await publisher.write({ ...packet, timestamp: packet.timestamp + fromMs })
  }
}

function edgeOf(origin: string): NonNullable<ServerSettings['vhosts']> {
  return { __defaultVhost__: { edge: { mode: 'remote', origins: [origin], silenceTimeoutMs: 300 } } }
}

function viewers({ server }: TestServer, path: string): number {
  return server.stream(path)?.viewers.size ?? 0
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url)
  return `${answer.status} ${await answer.text()}`
}

describe('an edge', () => {
  it('gives what the origin has, over two hops, by RTMP and by HTTP-FLV: payload by payload, time by time', async (scope) => {
    const publisher = await publish(scope, `${origin.rtmpUrl}/live/hops`)
    const player = await play(scope, `${farEdge.rtmpUrl}/live/hops`)
    await waitFor('the pull of the pull', () => viewers(origin, 'live/hops') === 1)
    await send(publisher)
    expect(await readTo(player, COMPARED_MS)).toEqual(before(mediaOf(packets), COMPARED_MS))
  })

  it('serves HTTP-FLV, WebSocket-FLV and HLS as an origin does, each of which begins the pull', async (scope) => {
    const publisher = await publish(scope, `${origin.rtmpUrl}/live/all`)
    await send(publisher)
    const master = await text(`${farEdge.httpUrl}/live/all.m3u8`)
    expect(master).toContain('200 #EXTM3U')
    const media = master.split('\n').find((line) => line.startsWith('all.m3u8')) ?? ''
    await send(publisher, 3000)
    await send(publisher, 6000)
    const playlist = await text(`${farEdge.httpUrl}/live/${media}`)
    expect(playlist).toContain('#EXTINF')
    const segment = playlist.split('\n').find((line) => line.startsWith('all-')) ?? ''
    expect((await fetch(`${farEdge.httpUrl}/live/${segment}`)).status).toBe(200)
    const flv = await playHttpFlv(scope, `${edge.httpUrl}/live/all.flv`)
    const webSocket = await playWebSocketFlv(scope, `${edge.wsUrl}/live/all.flv`)
    await flv.reaches(8000)
    await webSocket.reaches(8000)
    expect(viewers(origin, 'live/all')).toBe(1)
  })

  it('tells who asks by HTTP that no origin has the stream, and lets RTMP players wait for it', async (scope) => {
    const quick = await startEdge(scope, [hostOf(origin.rtmpUrl)], { silenceTimeoutMs: 300 })
    const behind = await startEdge(scope, [hostOf(quick.httpUrl)], { protocol: 'flv' })
    const player = await play(scope, `${behind.rtmpUrl}/live/none`)
    const expected = "404 the stream live/none can't be had"
    expect(await text(`${behind.httpUrl}/live/none.flv`)).toContain(expected)
    expect(await text(`${quick.httpUrl}/live/none.m3u8`)).toContain(expected)
    const publisher = await publish(scope, `${origin.rtmpUrl}/live/none`)
    await send(publisher)
    expect((await readTo(player, COMPARED_MS)).video.length).toBeGreaterThan(0)
  })

  it('costs the origin one connection, however many watch, until some time after the last has left', async (scope) => {
    const publisher = await publish(scope, `${origin.rtmpUrl}/live/many`)
    const { pulled } = await watchEdge(scope, edge, 'live/many', 200, () => send(publisher))
    expect(pulled).toBe(200)
    expect(viewers(origin, 'live/many')).toBe(1)
    expect(
      origin.log.withMessage('play started').filter(({ fields }) => fields.stream === 'live/many'),
    ).toHaveLength(1)
    await waitFor('the pull is let go', () => viewers(origin, 'live/many') === 0)
  })

  it('has nothing left of 500 streams that were asked for and abandoned', async () => {
    const openBefore = openSockets()
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const leave = AbortSignal.timeout(50 + (index % 10) * 20)
        await fetch(`${edge.httpUrl}/live/abandoned-${index}.flv`, { signal: leave }).catch(() => {})
      }),
    )
    await waitFor('no streams', () => abandoned(edge) + abandoned(origin) === 0)
    await waitFor(
      () => `${openSockets()} sockets become ${openBefore}`,
      () => openSockets() <= openBefore + 2,
    )
  })

  it('passes an origin over that is dead, and remembers it', async (scope) => {
    const twoOrigins = await startEdge(scope, ['127.0.0.1:1', hostOf(origin.rtmpUrl)])
    const publisher = await publish(scope, `${origin.rtmpUrl}/live/first`)
    await publish(scope, `${origin.rtmpUrl}/live/second`)
    await send(publisher)
    for (const stream of ['first', 'second']) {
      await play(scope, `${twoOrigins.rtmpUrl}/live/${stream}`)
      await waitFor('the pull', () => viewers(origin, `live/${stream}`) === 1)
    }
    const failed = twoOrigins.log.withMessage('a stream can not be pulled from there')
    expect(failed.map(({ fields }) => fields.origin)).toEqual(['rtmp://127.0.0.1:1/live/first'])
  })

  it("keeps players over an origin's end, on one timeline, and goes on from another", async (scope) => {
    const own = new FileScope()
    scope.onTestFinished(() => own.clean())
    const first = await startServer(own)
    const both = [hostOf(first.rtmpUrl), hostOf(origin.rtmpUrl)]
    const twoOrigins = await startEdge(scope, both, PATIENT)
    const player = await playHttpFlv(scope, await published(scope, first, twoOrigins, 'live/moved'))
    await player.reaches(2000)
    const backup = await publish(scope, `${origin.rtmpUrl}/live/moved`)
    await own.clean()
    await waitFor('the move', () => viewers(origin, 'live/moved') === 1)
    await send(backup)
    await player.reaches(5000)
    const times = player
      .requireOpen()
      .media('video')
      .map(({ dts }) => dts)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(new Set(times).size).toBe(times.length)
  })
})

describe('what is published at an edge', () => {
  it('is published at the origin, and plays at the edge without a pull', async (scope) => {
    const publisher = await publish(scope, `${edge.rtmpUrl}/live/up?token=secret`)
    const atOrigin = await play(scope, `${origin.rtmpUrl}/live/up`)
    const atEdge = await play(scope, `${edge.rtmpUrl}/live/up`)
    await send(publisher)
    const expected = before(mediaOf(packets), COMPARED_MS)
    expect(await readTo(atOrigin, COMPARED_MS)).toEqual(expected)
    expect(await readTo(atEdge, COMPARED_MS)).toEqual(expected)
    const played = origin.log.withMessage('play started').filter(({ fields }) => fields.stream === 'live/up')
    expect(played).toHaveLength(1)
    await publisher.close()
    await waitFor('the end at the origin', () => origin.server.stream('live/up')?.publication === null)
  })

  it('is refused with the reason of the origin, before the encoder is told that it may begin', async (scope) => {
    // Somebody who is silent would have to give way.
    const stop = await origin.server.publishFile('live/taken', { path: CLIP })
    scope.onTestFinished(stop)
    const refused = RtmpPublisher.publish(`${edge.rtmpUrl}/live/taken`)
    await expect(refused).rejects.toThrow(/no origin takes the stream: .* stream live\/taken is busy/)
    expect(edge.server.stream('live/taken')).toBeUndefined()
    const dead = await startEdge(scope, ['127.0.0.1:1'])
    const unreachable = RtmpPublisher.publish(`${dead.rtmpUrl}/live/demo`)
    await expect(unreachable).rejects.toThrow('nothing listens there')
  })

  it('takes the place of what is pulled, and is pulled again when it ends; players stay', async (scope) => {
    const atOrigin = await publish(scope, `${origin.rtmpUrl}/live/both`)
    await send(atOrigin)
    const player = await playHttpFlv(scope, `${edge.httpUrl}/live/both.flv`)
    await player.reaches(2000)
    await atOrigin.close()
    await waitFor('no publisher', () => origin.server.stream('live/both')?.publication === null)
    const atEdge = await publish(scope, `${edge.rtmpUrl}/live/both`)
    await send(atEdge)
    await player.reaches(5000)
    // It is not pulled, for it would come back to where it is from.
    await waitFor('no pull', () => viewers(origin, 'live/both') === 0)
    expect(edge.server.stream('live/both')?.publication?.client.protocol).toBe('rtmp')
    await atEdge.close()
    await waitFor('the pull', () => viewers(origin, 'live/both') === 1)
    await send(await publish(scope, `${origin.rtmpUrl}/live/both`))
    await player.reaches(8000)
  })

  it('goes on to another origin when one ends, and is published once', async (scope) => {
    const own = new FileScope()
    scope.onTestFinished(() => own.clean())
    const first = await startServer(own)
    const twoOrigins = await startEdge(scope, [hostOf(first.rtmpUrl), hostOf(origin.rtmpUrl)])
    const publisher = await publish(scope, `${twoOrigins.rtmpUrl}/live/on`)
    await waitFor('the first', () => first.server.stream('live/on')?.publication)
    expect(origin.server.stream('live/on')).toBeUndefined()
    await own.clean()
    await waitFor('the second', () => origin.server.stream('live/on')?.publication)
    const player = await play(scope, `${origin.rtmpUrl}/live/on`)
    await send(publisher)
    expect((await readTo(player, COMPARED_MS)).video.length).toBeGreaterThan(0)
  })
})

describe('an origin', () => {
  it('is asked for its own virtual host, with what the viewer asked, and who asks', async (scope) => {
    const asked: StreamRequest[] = []
    const strict = await startServer(scope, {
      vhosts: { 'inner.example': {} },
      onPlay: (request) => {
        asked.push(request)
        return request.parameters.get('token') === 'good' ? true : 'the token is wrong'
      },
    })
    for (const [protocol, url] of [
      ['rtmp', strict.rtmpUrl],
      ['flv', strict.httpUrl],
    ] as const) {
      asked.length = 0
      const publisher = await publish(scope, `${strict.rtmpUrl}/live/${protocol}?vhost=inner.example`)
      await send(publisher)
      const inner = { vhost: 'inner.example', protocol, silenceTimeoutMs: 1000 }
      const outer = await startEdge(scope, [hostOf(url)], inner)
      expect(await text(`${outer.httpUrl}/live/${protocol}.flv?token=bad`)).toMatch(
        /^403 .*the token is wrong/,
      )
      await (await playHttpFlv(scope, `${outer.httpUrl}/live/${protocol}.flv?token=good&a=1`)).reaches(2000)
      const { name, parameters } = asked.find(({ parameters: asks }) => asks.has('a')) ?? {}
      expect([name?.vhost, parameters?.get('token')]).toEqual(['inner.example', 'good'])
      const traversing = await startEdge(scope, [hostOf(url)], { ...inner, tokenTraverse: true })
      await (await playHttpFlv(scope, `${traversing.httpUrl}/live/${protocol}.flv?token=good`)).reaches(2000)
      // The stream is there: it is the viewer who is refused.
      expect(await text(`${traversing.httpUrl}/live/${protocol}.flv?token=bad`)).toMatch(
        /^403 play refused: .*the token is wrong/,
      )
      const player = RtmpPlayer.play(`${traversing.rtmpUrl}/live/${protocol}`)
      await expect(player).rejects.toThrow('the token is wrong')
    }
  })

  it.each([['rtmps'], ['flvs']] as const)(
    'is had by %s, too, if its certificate is good',
    async (protocol) => {
      const scope = new FileScope()
      const trusted = getCACertificates('default')
      try {
        const tls = await makeCertificate(scope)
        const secured = await startServer(scope, { tls })
        await send(await publish(scope, `${secured.rtmpUrl}/live/tls`))
        const { rtmpsAddress, httpsAddress } = secured.server
        const port = (protocol === 'rtmps' ? rtmpsAddress : httpsAddress)?.port
        const outer = await startEdge(scope, [`localhost:${port}`], { protocol })
        expect(await text(`${outer.httpUrl}/live/tls.flv`)).toMatch(/^503 .*certificate/)
        setDefaultCACertificates([...trusted, await readFile(tls.certificate, 'utf8')])
        await (await playHttpFlv(scope, `${outer.httpUrl}/live/tls.flv`)).reaches(2000)
      } finally {
        setDefaultCACertificates(trusted)
        await scope.clean()
      }
    },
  )

  it('that would get its own stream back refuses: two edges of each other wait for nothing', async (scope) => {
    const { port: free } = new URL((await startServer(scope)).rtmpUrl)
    const one = await startEdge(scope, [`127.0.0.1:${free}`], { silenceTimeoutMs: 300 })
    const other = await startEdge(scope, [hostOf(one.rtmpUrl)], { silenceTimeoutMs: 300 })
    await one.server.reload({ ...one.server.settings, vhosts: edgeOf(hostOf(other.rtmpUrl)) })
    expect(await text(`${one.httpUrl}/live/loop.flv`)).toMatch(/^40[34]/)
    await waitFor('no streams', () => one.server.streams.length + other.server.streams.length === 0)
  })
})

describe('a reload', () => {
  it('lets pulls be that it changes nothing for, and moves those whose origin is gone; players stay', async (scope) => {
    const second = await startServer(scope)
    const moving = await startEdge(scope, [hostOf(origin.rtmpUrl)], PATIENT)
    for (const at of [origin, second]) {
      await send(await publish(scope, `${at.rtmpUrl}/live/moving`))
    }
    const player = await playHttpFlv(scope, `${moving.httpUrl}/live/moving.flv`)
    await player.reaches(2000)
    const settings = moving.server.settings
    const both = {
      mode: 'remote',
      origins: [hostOf(second.rtmpUrl), hostOf(origin.rtmpUrl)],
      idleMs: 1000,
    } as const
    await moving.server.reload({ ...settings, vhosts: { __defaultVhost__: { edge: both } } })
    expect(viewers(second, 'live/moving')).toBe(0)
    expect(viewers(origin, 'live/moving')).toBe(1)
    const plan = await moving.server.reload({ ...settings, vhosts: edgeOf(hostOf(second.rtmpUrl)) })
    expect(plan.cut).toEqual([])
    await waitFor(
      'the move',
      () => viewers(second, 'live/moving') === 1 && viewers(origin, 'live/moving') === 0,
    )
    await player.reaches(4000)
    await moving.server.reload({ ...settings, vhosts: { __defaultVhost__: {} } })
    await waitFor('the end of the pull', () => viewers(second, 'live/moving') === 0)
    player.requireOpen()
    expect(moving.server.stream('live/moving')?.publication).toBeNull()
  })
})
