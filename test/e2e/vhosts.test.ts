import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import type { ServerOptions } from '../../src/index.ts'
import { decodeControlValue, MessageType } from '../../src/rtmp/index.ts'
import { flvTag } from '../support/flv.ts'
import { HlsPlayer } from '../support/hls-player.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { RtmpClient, type RtmpClientOptions } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, askUpgrade, CLIP } from '../support/web.ts'

const FAST = 'fast.example'
const SLOW = 'slow.example'

/** Two that differ in whatever can be seen on the wire, one that waits for nobody, one that is switched off, none for others. */
const VHOSTS: NonNullable<ServerOptions['vhosts']> = {
  [FAST]: {
    rtmp: { chunkSize: 128, outAcknowledgementWindowBytes: 0, inAcknowledgementWindowBytes: 10_000 },
    broadcast: { minLatency: true },
    hls: { enabled: false },
  },
  [SLOW]: {
    rtmp: { chunkSize: 4096, outAcknowledgementWindowBytes: 1_000_000 },
    broadcast: { mergeWriteMs: 2000, gopCache: false },
    hls: { fragmentMs: 300 },
  },
  'hasty.example': { rtmp: { mediaTimeoutMs: 200 } },
  'closed.example': { enabled: false },
}

const fileScope = new FileScope()
let given: TestServer
beforeAll(async () => {
  given = await startServer(fileScope, { rtmp: { mediaTimeoutMs: 0 }, vhosts: VHOSTS })
})
afterAll(() => fileScope.clean())

/** A client whose tcUrl has the virtual host as its host, as if the name led here. */
async function clientOf(
  scope: Scope,
  vhost: string,
  app = 'live',
  options: RtmpClientOptions = {},
): Promise<RtmpClient> {
  const connectObject = { tcUrl: `rtmp://${vhost}:1935/${app}`, ...options.connectObject }
  const client = await RtmpClient.connect(given.rtmpUrl, { ...options, connectObject })
  scope.onTestFinished(() => client.destroy())
  return client
}

async function publisherOf(scope: Scope, vhost: string, path: string): Promise<RtmpClient> {
  const client = await clientOf(scope, vhost, path.split('/')[0])
  await client.publish(path)
  client.sendVideo(0, flvTag.videoHeader(0).body)
  return client
}

/** A player by each way but HLS. */
function playersOf(scope: Scope, vhost: string, path: string): Promise<TagPlayer[]> {
  const { rtmpUrl, httpUrl, wsUrl } = given
  return Promise.all([
    playRtmp(scope, `${rtmpUrl}/${path}?vhost=${vhost}`),
    playHttpFlv(scope, `${httpUrl}/${path}.flv?vhost=${vhost}`),
    playWebSocketFlv(scope, `${wsUrl}/${path}.flv?vhost=${vhost}`),
  ])
}

function videoTimes(players: readonly TagPlayer[]): number[][] {
  return players.map((player) => player.media('video').map(({ dts }) => dts))
}

/** Values of the protocol control messages that came at connect. */
async function announcedTo(context: TestContext, vhost: string, app = 'live') {
  const client = await clientOf(context, vhost, app)
  await client.connectApp(app)
  const valuesOf = (type: number): number[] =>
    client.messages.filter((each) => each.type === type).map(({ payload }) => decodeControlValue(payload))
  return {
    chunkSize: valuesOf(MessageType.setChunkSize),
    window: valuesOf(MessageType.windowAcknowledgementSize),
  }
}

/** Asks with a Host header of one's own, which `fetch` does not allow. */
function askHost(url: string, host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { headers: { host } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('two virtual hosts at the same time', () => {
  it('announce their own chunk size and acknowledgement window at connect, by host and by query', async (context) => {
    expect(await announcedTo(context, FAST)).toEqual({ chunkSize: [128], window: [] })
    expect(await announcedTo(context, SLOW.toUpperCase())).toEqual({ chunkSize: [4096], window: [1_000_000] })
    expect(await announcedTo(context, '127.0.0.1', `live?vhost=${FAST}`)).toEqual({
      chunkSize: [128],
      window: [],
    })
    expect(await announcedTo(context, '127.0.0.1', `live...vhost...${SLOW}`)).toEqual({
      chunkSize: [4096],
      window: [1_000_000],
    })
    // Of a name that has no virtual host the client is told when it publishes or plays.
    expect(await announcedTo(context, 'other.example')).toEqual({ chunkSize: [60_000], window: [2_500_000] })
  })

  it('write media in chunks of their own size', async (context) => {
    const body = Uint8Array.from([...flvTag.key(0).body, ...new Uint8Array(10_000)])
    const received = async (vhost: string): Promise<number> => {
      const publisher = await publisherOf(context, vhost, 'live/chunks')
      const player = await clientOf(context, vhost)
      await player.play('live/chunks')
      const before = player.bytesReceived
      publisher.sendVideo(0, body)
      publisher.sendVideo(5000, flvTag.inter(0).body)
      await player.waitUntil(
        'the large frame',
        () => player.media.find(({ payload }) => payload.length > 10_000) ?? null,
      )
      return player.bytesReceived - before
    }
    // A chunk has a header of a byte: 78 of them in 10 000 bytes, or 2; the small picture may have come, too, or not.
    const difference = (await received(FAST)) - (await received(SLOW))
    expect(difference).toBeGreaterThan(76 - 25)
    expect(difference).toBeLessThan(76 + 25)
  })

  it('acknowledge what comes by their own windows', async (context) => {
    const acknowledged = async (vhost: string): Promise<boolean> => {
      const publisher = await publisherOf(context, vhost, 'live/acknowledged')
      publisher.sendVideo(0, Uint8Array.from([...flvTag.key(0).body, ...new Uint8Array(20_000)]))
      // The server answers in order: what is to come before this answer has come.
      await publisher.createStream()
      return publisher.messages.some(({ type }) => type === MessageType.acknowledgement)
    }
    expect(await acknowledged(FAST)).toBe(true)
    expect(await acknowledged(SLOW)).toBe(false)
  })

  it('begin for a newcomer with the cached GOP, or with the next keyframe, over RTMP, FLV and WebSocket', async (context) => {
    const timesIn = async (vhost: string): Promise<number[][]> => {
      const publisher = await publisherOf(context, vhost, 'live/gop')
      publisher.sendVideo(0, flvTag.key(0).body)
      publisher.sendVideo(40, flvTag.inter(0).body)
      const stream = given.server.stream(`//${vhost}/live/gop`)
      await waitFor('the GOP', () => stream?.counters.videoFrames === 2)
      const players = await playersOf(context, vhost, 'live/gop')
      publisher.sendVideo(80, flvTag.inter(0).body)
      publisher.sendVideo(4000, flvTag.key(0).body)
      publisher.sendVideo(8000, flvTag.inter(0).body)
      publisher.sendVideo(12_000, flvTag.inter(0).body)
      await Promise.all(players.map((player) => player.reaches(8000)))
      return videoTimes(players).map((times) => times.filter((time) => time <= 8000))
    }
    const gop = [0, 40, 80, 4000, 8000]
    expect(await timesIn(FAST)).toEqual([gop, gop, gop])
    expect(await timesIn(SLOW)).toEqual([gop.slice(3), gop.slice(3), gop.slice(3)])
  })

  it('write each picture at once, or none before so much has gathered, over RTMP, FLV and WebSocket', async (context) => {
    const vhosts = [SLOW, FAST]
    const publishers = await Promise.all(vhosts.map((vhost) => publisherOf(context, vhost, 'live/latency')))
    const [slow = [], fast = []] = await Promise.all(
      vhosts.map((vhost) => playersOf(context, vhost, 'live/latency')),
    )
    const pictures = (from: number, count: number): void => {
      for (const publisher of publishers) {
        for (let i = from; i < from + count; i++) {
          const tag = i === 0 ? flvTag.key(0) : flvTag.inter(0)
          publisher.sendVideo(i * 40, tag.body)
        }
      }
    }
    pictures(0, 20)
    const taken = (): boolean =>
      vhosts.every((vhost) => given.server.stream(`//${vhost}/live/latency`)?.counters.videoFrames === 20)
    await waitFor('the pictures', taken)
    await Promise.all(fast.map((player) => player.reaches(19 * 40)))
    expect(videoTimes(fast).map(({ length }) => length)).toEqual([20, 20, 20])
    expect(videoTimes(slow)).toEqual([[], [], []])
    // Two seconds have gathered with the picture after the 50th; all of them come then.
    pictures(20, 32)
    await Promise.all(slow.map((player) => player.reaches(49 * 40)))
  })

  it('have streams of their own under the same name, for every protocol', async (context) => {
    const publishers = await Promise.all(
      [FAST, SLOW].map((vhost) => publisherOf(context, vhost, 'live/same')),
    )
    const { server, httpUrl } = given
    expect(server.stream('live/same')).toBeUndefined()
    const [fast, slow] = [FAST, SLOW].map((vhost) => server.stream(`//${vhost}/live/same`))
    expect([fast?.key, slow?.key]).toEqual(['//fast.example/live/same', '//slow.example/live/same'])
    const players = await Promise.all([FAST, SLOW].map((vhost) => playersOf(context, vhost, 'live/same')))
    for (const [index, publisher] of publishers.entries()) {
      publisher.sendVideo(0, flvTag.key(0, index).body)
      publisher.sendVideo(3000, flvTag.key(0, index).body)
      publisher.sendVideo(6000, flvTag.key(0, index).body)
    }
    await Promise.all(players.flat().map((player) => player.reaches(3000)))
    const hashes = players.map((each) => each.map((player) => player.media('video')[0]?.hash))
    expect(new Set(hashes[0]).size).toBe(1)
    expect(new Set(hashes[1]).size).toBe(1)
    expect(hashes[0]?.[0]).not.toBe(hashes[1]?.[0])
    const { body } = await ask(`${httpUrl}/api/v1/streams/`)
    const { streams } = JSON.parse(body ?? '') as {
      streams: Record<'name' | 'app' | 'url' | 'vhost', string>[]
    }
    const shown = streams.filter(({ name }) => name === 'same')
    expect(shown.map(({ app, url }) => `${app} ${url}`)).toEqual([
      'live fast.example/live/same',
      'live slow.example/live/same',
    ])
    expect(new Set(shown.map(({ vhost }) => vhost)).size).toBe(2)
    expect(shown.every(({ vhost }) => /^vid-[a-z0-9]{7}$/.test(vhost))).toBe(true)
  })

  it('serve HLS or do not, by Host and by query, and segments of a stream in its virtual host', async (context) => {
    const { server, httpUrl } = given
    for (const vhost of [FAST, SLOW]) {
      const stop = await server.publishFile(`//${vhost}/live/clip`, { path: CLIP })
      context.onTestFinished(stop)
    }
    const off = await ask(`${httpUrl}/live/clip.m3u8?vhost=${FAST}`)
    expect([off.status, off.body]).toEqual([404, `HLS is switched off for ${FAST} (hls.enabled)\n`])
    expect(await askHost(`${httpUrl}/live/clip.m3u8`, FAST)).toMatchObject({ status: 404 })
    const on = await askHost(`${httpUrl}/live/clip.m3u8`, `${SLOW}:8080`)
    expect([on.status, on.body]).toEqual([200, expect.stringMatching(/^clip\.m3u8\?hls_ctx=[\w-]+$/m)])
    const player = HlsPlayer.start(context, `${httpUrl}/live/clip.m3u8?vhost=${SLOW}`)
    await player.waitFor('two segments', () => player.segments.length >= 2)
    expect(server.framesEncoded(`//${SLOW}/live/clip`).hls).toBeGreaterThan(0)
    expect(server.framesEncoded(`//${FAST}/live/clip`).hls).toBe(0)
  })

  it('wait for a silent publisher as long as they say', async (context) => {
    const [patient, hasty] = await Promise.all(
      [FAST, 'hasty.example'].map((vhost) => publisherOf(context, vhost, 'live/silent')),
    )
    expect(await hasty?.closed).toBeNull()
    expect(patient?.open).toBe(true)
  })
})

describe('a virtual host that is switched off, or is none', () => {
  it.each([
    [
      'closed.example',
      'vhost_disabled',
      "the virtual host closed.example is switched off: set its 'enabled'",
    ],
    ['other.example', 'vhost_unknown', 'there is no virtual host other.example, and no __defaultVhost__'],
  ])('%s refuses publishers and players of every protocol with the reason', async (vhost, code, reason) => {
    const { httpUrl, rtmpUrl, log } = given
    const refusals = (): number => log.lines.filter(({ fields }) => fields.code === code).length
    const before = refusals()
    const publishing = clientOf(fileScope, vhost).then((client) => client.publish('live/demo'))
    await expect(publishing).rejects.toThrow(`NetStream.Publish.BadName: publish refused: ${reason}`)
    const playing = RtmpClient.connect(`${rtmpUrl}/live/demo?vhost=${vhost}`).then((client) => client.play())
    await expect(playing).rejects.toThrow(`NetStream.Play.Failed: play refused: ${reason}`)
    for (const file of ['demo.flv', 'demo.m3u8']) {
      const { status, body } = await ask(`${httpUrl}/live/${file}?vhost=${vhost}`)
      expect([file, status, body]).toEqual([file, 403, expect.stringContaining(reason)])
    }
    const upgrade = await askUpgrade(`${httpUrl}/live/demo.flv?vhost=${vhost}`)
    expect(upgrade).toEqual({ status: 403, body: expect.stringContaining(reason) })
    expect(refusals() - before).toBe(5)
    await expect(given.server.frames(`//${vhost}/live/demo`).next()).rejects.toThrow(reason)
    await expect(given.server.publishFile(`//${vhost}/live/demo`, { path: CLIP })).rejects.toThrow(reason)
  })
})

describe('a server', () => {
  it('gives names that have none the default virtual host, where there is one', async (context) => {
    const { server, rtmpUrl, httpUrl } = await startServer(context, {
      vhosts: {
        __defaultVhost__: { broadcast: { queueLengthMs: 1234 } },
        'a.example': { flv: { enabled: false } },
      },
    })
    const publisher = await RtmpClient.connect(`${rtmpUrl}/live/demo?vhost=other.example`)
    context.onTestFinished(() => publisher.destroy())
    await publisher.publish()
    expect(server.stream('live/demo')?.name).toEqual({
      vhost: '__defaultVhost__',
      app: 'live',
      stream: 'demo',
    })
    expect(server.stream('//other.example/live/demo')).toBe(server.stream('live/demo'))
    expect(server.stream('//a.example/live/demo')).toBeUndefined()
    expect(server.stream('live/demo')?.vhost.broadcast.queueLengthMs).toBe(1234)
    const { status, body } = await ask(`${httpUrl}/live/demo.flv?vhost=a.example`)
    expect([status, body]).toEqual([404, 'FLV is switched off for a.example (flv.enabled)\n'])
  })

  it('has one for every name where no virtual hosts are given', async (context) => {
    const { server, rtmpUrl } = await startServer(context)
    const publisher = await RtmpClient.connect(`${rtmpUrl}/live/demo?vhost=any.example`)
    context.onTestFinished(() => publisher.destroy())
    await publisher.publish()
    expect(server.streams.map(({ key }) => key)).toEqual(['live/demo'])
    expect(server.stream('//whatever.example/live/demo')?.key).toBe('live/demo')
  })
})
