import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RefusalInfo, signStreamUrl } from '../../src/control/index.ts'
import type { StreamRequest } from '../../src/index.ts'
import { publishWithGstreamer } from '../support/clients.ts'
import { publishWithFfmpeg } from '../support/ffmpeg.ts'
import { proxyHeader1, startForwarder } from '../support/forwarder.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { NEW_KEY, OLD_KEY, SIGNED_CASES, type SignedCase, signatureOf } from '../support/signed-urls.ts'
import { waitFor } from '../support/wait.ts'
import { ask, askUpgrade, CLIP, mediaPlaylistUrl, publishClip } from '../support/web.ts'

const access = { token: { keys: [NEW_KEY, OLD_KEY] } }
const hls = { fragmentMs: 500 }

const scope = new FileScope()
let given: TestServer
const played: StreamRequest[] = []
beforeAll(async () => {
  given = await startServer(scope, { access, hls, onPlay: (request) => void played.push(request) })
  await publishClip(given.server)
})
afterAll(() => scope.clean())

/** Who was refused is found in the log and the API by what tells it apart; its signature is in neither. */
async function checkIsTold(
  { code, reason }: SignedCase,
  action: string,
  protocol: string,
  url: string,
): Promise<void> {
  const told = {
    link: 'token',
    code,
    protocol,
    address: '127.0.0.1',
    reason: expect.stringContaining(reason),
  }
  const lines = given.log.withMessage(`${action} refused`).map(({ fields }) => fields)
  const [app = '', stream = ''] = new URL(url).pathname
    .slice(1)
    .replace(/\.\w+$/, '')
    .split('/')
  expect(lines.at(-1)).toMatchObject({ ...told, stream: `${app}/${stream}` })
  const body = (await ask(`${given.httpUrl}/api/v1/refusals/`)).body ?? ''
  const { refusals, counts } = JSON.parse(body) as { refusals: RefusalInfo[]; counts: Record<string, number> }
  expect(refusals[0]).toMatchObject({ ...told, action, app, stream })
  expect(counts[code ?? '']).toBeGreaterThan(0)
  for (const text of [JSON.stringify(given.log.lines), body]) {
    expect(text).not.toContain(signatureOf(url).slice(0, 20))
  }
}

async function connect(
  test: Scope,
  options: Parameters<typeof RtmpClient.connect>[1] = {},
): Promise<RtmpClient> {
  const client = await RtmpClient.connect(given.rtmpUrl, options)
  test.onTestFinished(() => client.destroy())
  return client
}

describe.each(SIGNED_CASES)('a URL that is $name', (each) => {
  const outcome = each.code === null ? 'lets in' : `is refused as ${each.code}`

  it(`${outcome} an RTMP publisher, by its stream key`, async (test) => {
    const url = each.sign(`${given.rtmpUrl}/live/key-${each.code}`, 'publish')
    const client = await connect(test)
    await checkPublisher(each, client.publish(url.slice(given.rtmpUrl.length + 1)), url)
  })

  it(`${outcome} an RTMP publisher, by what it connects to`, async (test) => {
    const url = each.sign(`${given.rtmpUrl}/live/app-${each.code}`, 'publish')
    const { pathname, search } = new URL(url)
    const client = await connect(test, { connectObject: { tcUrl: `${given.rtmpUrl}/live${search}` } })
    await checkPublisher(each, client.publish(pathname.slice(1)), url)
  })

  it(`${outcome} an RTMP player`, async (test) => {
    const url = each.sign(`${given.rtmpUrl}/live/demo`, 'play')
    const client = await connect(test)
    const playing = client.play(`live/demo${new URL(url).search}`)
    if (each.code === null) {
      await playing
      await client.waitForMedia(3)
    } else {
      await expect(playing).rejects.toThrow(`NetStream.Play.Failed: play refused: ${each.reason}`)
      expect(client.media).toEqual([])
      await checkIsTold(each, 'play', 'rtmp', url)
    }
  })

  it(`${outcome} a player of HTTP-FLV`, async () => {
    const url = each.sign(`${given.httpUrl}/live/demo.flv`, 'play')
    const { status, body } = await ask(url)
    expect(status).toBe(each.code === null ? 200 : 403)
    if (each.code !== null) {
      expect(body).toContain(`play refused: ${each.reason}`)
      await checkIsTold(each, 'play', 'http-flv', url)
    }
  })

  it(`${outcome} a player of WebSocket-FLV`, async () => {
    const url = each.sign(`${given.wsUrl}/live/demo.flv`, 'play')
    const { status, body } = await askUpgrade(url)
    expect(status).toBe(each.code === null ? 101 : 403)
    if (each.code !== null) {
      expect(body).toContain(`play refused: ${each.reason}`)
      await checkIsTold(each, 'play', 'ws-flv', url)
    }
  })

  it(`${outcome} an HLS viewer, at the playlists and segments`, async () => {
    const url = each.sign(`${given.httpUrl}/live/demo.m3u8`, 'play')
    if (each.code === null) {
      await checkViewer(url)
      return
    }
    const master = await ask(url)
    expect(master).toMatchObject({
      status: 403,
      body: expect.stringContaining(`play refused: ${each.reason}`),
    })
    await checkIsTold(each, 'play', 'hls', url)
    const media = await ask(`${url}&hls_ctx=made-up-context`)
    expect(media).toMatchObject({ status: 403, body: expect.stringContaining(each.reason) })
    const segment = url.replace('demo.m3u8', 'demo-1.ts')
    expect((await ask(`${segment}&hls_ctx=made-up-context`)).status).toBe(403)
    expect((await ask(segment)).status).toBe(404)
  })
})

async function checkPublisher(each: SignedCase, publishing: Promise<void>, url: string): Promise<void> {
  const path = new URL(url).pathname.slice(1)
  if (each.code === null) {
    await publishing
    expect(given.server.stream(path)?.publication).not.toBeNull()
  } else {
    await expect(publishing).rejects.toThrow(`NetStream.Publish.BadName: publish refused: ${each.reason}`)
    expect(given.server.stream(path)).toBeUndefined()
    await checkIsTold(each, 'publish', 'rtmp', url)
  }
}

/** Fetches playlists and segments as a player does: one question to admission, and no token in what is fetched. */
async function checkViewer(url: string): Promise<void> {
  played.length = 0
  const mediaUrl = await mediaPlaylistUrl(url)
  for (let round = 0; round < 2; round++) {
    const { body } = await ask(mediaUrl)
    const segments = (body ?? '').split('\n').filter((line) => line.includes('.ts'))
    expect(segments.length).toBeGreaterThan(0)
    for (const segment of segments) {
      expect(segment).not.toContain('sig')
      const response = await fetch(new URL(segment, mediaUrl))
      expect(response.status).toBe(200)
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(bytes.length).toBeGreaterThan(1000)
      expect(bytes.includes(signatureOf(url))).toBe(false)
    }
  }
  expect(played).toHaveLength(1)
}

describe('a signed URL', () => {
  it('is wanted: without one nobody gets in', async () => {
    const answer = await ask(`${given.httpUrl}/live/demo.flv`)
    expect(answer).toMatchObject({
      status: 403,
      body: 'play refused: who wants to play needs a signed URL\n',
    })
    const client = await connect(scope)
    await expect(client.publish('live/mine')).rejects.toThrow('who wants to publish needs a signed URL')
  })

  it('lets in a publisher before anybody publishes, from OBS by its stream key', async () => {
    const url = signStreamUrl(`${given.rtmpUrl}/live/mine`, {
      action: 'publish',
      expires: Date.now() + 60_000,
      key: NEW_KEY,
    })
    const client = await connect(scope)
    await client.publish(`live/mine${new URL(url).search}`)
    expect(given.server.stream('live/mine')?.publication).not.toBeNull()
    const { body } = await ask(`${given.httpUrl}/api/v1/streams/`)
    expect(body).toContain('"mine"')
    expect(body).not.toContain(signatureOf(url).slice(0, 20))
  })

  it.each([
    ['behind the stream', (query: string) => `/live/ffmpeg-stream${query}`, 'live/ffmpeg-stream'],
    [
      'behind a #, which encoders without a ? have',
      (query: string) => `/live/ffmpeg-hash${query.replace('?', '#')}`,
      'live/ffmpeg-hash',
    ],
  ])('for a network gets through FFmpeg, %s', async (_name, place, path) => {
    const url = signStreamUrl(`${given.rtmpUrl}/${path}`, {
      action: 'publish',
      expires: Date.now() + 60_000,
      key: NEW_KEY,
      address: '127.0.0.0/8',
    })
    publishWithFfmpeg(scope, CLIP, `${given.rtmpUrl}${place(new URL(url).search)}`)
    await waitFor(`${path} is published`, () => (given.server.stream(path)?.publication ?? null) !== null)
  })

  it.each(['rtmpsink', 'rtmp2sink'] as const)("for a network gets through GStreamer's %s", async (sink) => {
    const url = signStreamUrl(`${given.rtmpUrl}/live/${sink}`, {
      action: 'publish',
      expires: Date.now() + 60_000,
      key: NEW_KEY,
      address: '127.0.0.0/8',
    })
    publishWithGstreamer(scope, sink, CLIP, url)
    await waitFor(
      `${sink} publishes`,
      () => (given.server.stream(`live/${sink}`)?.publication ?? null) !== null,
    )
  })

  it('for one address lets nobody else use the playlists and segments of its viewer', async () => {
    const proxied = await startServer(scope, {
      access,
      hls,
      http: { proxyProtocol: true },
    })
    await publishClip(proxied.server)
    const url = signStreamUrl(`${proxied.httpUrl}/live/demo.m3u8`, {
      action: 'play',
      expires: Date.now() + 60_000,
      key: NEW_KEY,
      address: '192.0.2.7',
    })
    const [viewer, thief] = await Promise.all(
      ['192.0.2.7', '192.0.2.8'].map((address) =>
        startForwarder(scope, proxied.httpUrl, [proxyHeader1(address)]),
      ),
    )
    const from = (proxy: string | undefined, path: string): ReturnType<typeof ask> => ask(`${proxy}${path}`)
    const media = new URL(await mediaPlaylistUrl(url.replace(proxied.httpUrl, viewer ?? '')))
    const playlist = await from(viewer, `${media.pathname}${media.search}`)
    const segment = `/live/${/demo-\d+\.ts\?\S+/.exec(playlist.body ?? '')?.[0]}`
    expect((await from(viewer, segment)).status).toBe(200)
    expect(await from(thief, `${media.pathname}${media.search}`)).toMatchObject({
      status: 403,
      body: 'play refused: the URL is signed for 192.0.2.7, and 192.0.2.8 uses it\n',
    })
    expect((await from(thief, segment)).status).toBe(403)
    expect((await from(viewer, segment)).status).toBe(200)
  })
})

describe('segments with segmentContext off', () => {
  it('have one address and the same bytes for every viewer, that only playlists tell', async () => {
    const { server, httpUrl } = await startServer(scope, { access, hls: { ...hls, segmentContext: false } })
    await publishClip(server)
    const options = { action: 'play', expires: Date.now() + 60_000, key: NEW_KEY } as const
    const signed = signStreamUrl(`${httpUrl}/live/demo.m3u8`, options)
    const viewers = await Promise.all([mediaPlaylistUrl(signed), mediaPlaylistUrl(signed)])
    expect(viewers[0]).not.toBe(viewers[1])
    const segmentsOf = async (url: string): Promise<string[]> =>
      ((await ask(url)).body ?? '').split('\n').filter((line) => line.endsWith('.ts'))
    await waitFor('the first segment is there', async () => (await segmentsOf(viewers[0])).length > 0)
    const [first = []] = await Promise.all(viewers.map(segmentsOf))
    const other = await segmentsOf(viewers[1])
    const name = first.find((each) => other.includes(each)) ?? ''
    expect(name).toMatch(/^demo-[\w-]{16}-\d+\.ts$/)
    const answer = await fetch(`${httpUrl}/live/${name}`, { headers: { authorization: 'Bearer any' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
    const again = await fetch(`${httpUrl}/live/${name}?hls_ctx=whatever`)
    expect(Buffer.from(await again.arrayBuffer())).toEqual(Buffer.from(await answer.arrayBuffer()))
    // The number alone is not enough, nor is the name of another application.
    const guessed = name.replace(/-[\w-]{16}-/, '-')
    expect((await ask(`${httpUrl}/live/${guessed}`)).status).toBe(404)
    expect((await ask(`${httpUrl}/other/${name}`)).status).toBe(404)
  })
})
