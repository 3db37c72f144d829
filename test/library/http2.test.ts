import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HTTP_HEADERS_TIMEOUT_MS } from '../../src/http/index.ts'
import { createServer, type Server } from '../../src/index.ts'
import { FlvTagReader } from '../../src/media/index.ts'
import { startBrowser } from '../support/browser.ts'
import { makeCertificate, type TestCertificate } from '../support/certificate.ts'
import { proxyHeader2, startForwarder } from '../support/forwarder.ts'
import { FileScope, RecordingLogger, type Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { publishClip } from '../support/web.ts'

const fileScope = new FileScope()
let certificate: TestCertificate
beforeAll(async () => {
  certificate = await makeCertificate(fileScope)
})
afterAll(() => fileScope.clean())

type Rig = Readonly<{ server: Server; log: RecordingLogger; asked: string[] }>

async function start(scope: Scope, proxyProtocol = false): Promise<Rig> {
  const log = new RecordingLogger()
  const asked: string[] = []
  const server = await createServer({
    https: { port: 0, proxyProtocol, ...certificate },
    hls: { fragmentMs: 500 },
    logger: log,
    onPlay: ({ client, tcUrl }) => void asked.push(`${client.protocol} ${client.address} ${tcUrl}`),
  })
  scope.onTestFinished(async () => {
    await server.close()
    expect(log.errors).toEqual([])
  })
  await publishClip(server)
  return { server, log, asked }
}

function openSession(scope: Scope, url: string): ClientHttp2Session {
  const session = connect(url, { rejectUnauthorized: false })
  session.on('error', () => {})
  scope.onTestFinished(() => session.destroy())
  return session
}

type Answer = { headers: Record<string, unknown>; body: string }

/** Asks, and reads the whole answer. */
function ask(session: ClientHttp2Session, path: string, method = 'GET'): Promise<Answer> {
  const stream = session.request({ ':path': path, ':method': method })
  const answer: Answer = { headers: {}, body: '' }
  stream.setEncoding('utf8')
  stream.on('response', (headers) => {
    answer.headers = headers
  })
  stream.on('data', (text: string) => {
    answer.body += text
  })
  return new Promise((resolve, reject) => {
    stream.on('end', () => resolve(answer))
    stream.on('error', reject)
    stream.end()
  })
}

/** Plays FLV; counts the tags that come. */
function play(session: ClientHttp2Session, path: string): { stream: ClientHttp2Stream; tags: () => number } {
  const stream = session.request({ ':path': path })
  const reader = new FlvTagReader()
  let tags = 0
  stream.on('data', (bytes: Uint8Array) => reader.push(bytes, () => tags++))
  stream.on('error', () => {})
  return { stream, tags: () => tags }
}

describe.concurrent('HTTP/2', () => {
  it('carries the API, playlists, segments and many FLV players on one connection', async (scope) => {
    const { server, asked } = await start(scope)
    const session = openSession(scope, server.httpsUrl)
    const players = Array.from({ length: 5 }, () => play(session, '/live/demo.flv'))
    await waitFor('tags for everybody', () => players.every(({ tags }) => tags() > 50))

    const streams = await ask(session, '/api/v1/streams/')
    expect(streams.headers).toMatchObject({ ':status': 200, 'access-control-allow-origin': '*' })
    expect(JSON.parse(streams.body).streams).toMatchObject([{ url: '/live/demo', clients: 6 }])
    const master = await ask(session, '/live/demo.m3u8')
    const media = `/live/${master.body.split('\n').find((line) => line.includes('hls_ctx'))}`
    const playlist = await ask(session, media)
    expect(playlist.headers[':status']).toBe(200)
    const segment = `/live/${playlist.body.split('\n').find((line) => line.includes('.ts'))}`
    expect((await ask(session, segment)).headers).toMatchObject({
      ':status': 200,
      'content-type': 'video/mp2t',
    })
    expect((await ask(session, '/live/demo.flv', 'HEAD')).headers).toMatchObject({
      ':status': 200,
      'content-type': 'video/x-flv',
    })
    expect((await ask(session, '/live/nobody.flv')).headers[':status']).toBe(404)
    expect((await ask(session, '/live/%E0%A4.flv')).headers[':status']).toBe(400)
    expect(asked[0]).toBe(`http-flv 127.0.0.1 ${server.httpsUrl}/live`)
    expect(players.every(({ stream }) => !stream.closed)).toBe(true)
  })

  it('lets one player go without disturbing those beside it', async (scope) => {
    const { server } = await start(scope)
    const session = openSession(scope, server.httpsUrl)
    const [leaving, staying] = [play(session, '/live/demo.flv'), play(session, '/live/demo.flv')]
    const viewers = (): number => server.stream('live/demo')?.viewers.size ?? 0
    await waitFor('both', () => viewers() === 2 && staying.tags() > 10)
    leaving.stream.close(constants.NGHTTP2_CANCEL)
    await waitFor('one', () => viewers() === 1)
    const before = staying.tags()
    await waitFor('more tags', () => staying.tags() > before + 20)
  })

  it('holds back what a player does not take, while the one beside it plays on', async (scope) => {
    const { server } = await start(scope)
    const session = openSession(scope, server.httpsUrl)
    const [slow, quick] = [play(session, '/live/demo.flv'), play(session, '/live/demo.flv')]
    slow.stream.pause()
    await waitFor('tags', () => quick.tags() > 100)
    // What is not read is not sent: the stream's window (64 KiB) is full, and the rest stays in the log that all share.
    const stream = await waitFor('the stream', () => server.stream('live/demo'))
    const sent = stream.counters.bytesSent
    const received = stream.counters.bytesReceived
    await waitFor('a second more', () => stream.counters.bytesReceived > received + 200_000)
    expect(stream.counters.bytesSent - sent).toBeLessThan((stream.counters.bytesReceived - received) * 1.6)
    slow.stream.resume()
    await waitFor('tags for the slow one', () => slow.tags() > 100)
  })

  it('cancels a request whose body does not come, and no other one', async (scope) => {
    const { server } = await start(scope)
    const session = openSession(scope, server.httpsUrl)
    const player = play(session, '/live/demo.flv')
    // Its end is said in a frame of its own, as some clients do.
    const late = session.request({ ':path': '/live/demo.flv' }, { endStream: false })
    late
      .on('error', () => {})
      .resume()
      .end()
    const request = { ':path': '/api/v1/versions', ':method': 'POST', 'content-type': 'application/json' }
    const slow = session.request(request, { endStream: false })
    slow.on('error', () => {}).write('{')
    await waitFor('its end', () => slow.closed, HTTP_HEADERS_TIMEOUT_MS + 20_000)
    expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL)
    expect(player.stream.closed).toBe(false)
    expect(late.closed).toBe(false)
    expect(await ask(session, '/api/v1/versions')).toMatchObject({ headers: { ':status': 200 } })
  })

  it('ends a player’s stream when its stream is over, and the connection stays', async (scope) => {
    const { server } = await start(scope)
    const stop = await publishClip(server, 'live/short')
    const session = openSession(scope, server.httpsUrl)
    const player = play(session, '/live/short.flv')
    const other = play(session, '/live/demo.flv')
    await waitFor('tags', () => player.tags() > 10)
    await stop()
    const stream = await waitFor('the stream', () => server.stream('live/short'))
    stream.end({ code: 'closed', message: 'over' })
    await waitFor('its end', () => player.stream.closed)
    expect(player.stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
    const before = other.tags()
    await waitFor('more tags', () => other.tags() > before + 20)
  })

  it('behind a proxy has the client’s own address', async (scope) => {
    const { server, asked } = await start(scope, true)
    const url = await startForwarder(scope, server.httpsUrl, [proxyHeader2('203.0.113.5')])
    const player = play(openSession(scope, url), '/live/demo.flv')
    await waitFor('tags', () => player.tags() > 10)
    expect(asked[0]).toContain('http-flv 203.0.113.5 ')
  })

  it('carries many clients of one HTTP proxy on one connection, each with its own address', async (scope) => {
    const { server, asked } = await start(scope)
    const session = openSession(scope, server.httpsUrl)
    for (const address of ['203.0.113.6', '2001:db8::6']) {
      session.request({ ':path': '/live/demo.flv', 'x-forwarded-for': address })
      await waitFor('the question', () => asked.some((line) => line.startsWith(`http-flv ${address} `)))
    }
  })

  it('is what Chromium speaks to the page and its FLV player', async (scope) => {
    const { server } = await start(scope)
    const browser = await startBrowser(scope)
    const page = await browser.newPage({ ignoreHTTPSErrors: true })
    await page.goto(`${server.httpsUrl}/#/live/demo?via=flv`)
    await waitFor(
      'the page plays',
      async () =>
        (await page.evaluate('document.body.dataset.state')) === 'playing' &&
        Number(await page.evaluate(`document.querySelector('#player')?.currentTime ?? 0`)) > 0,
    )
    const protocols = await page.evaluate(
      `[...new Set(performance.getEntries().map((entry) => entry.nextHopProtocol).filter(Boolean))]`,
    )
    expect(protocols).toEqual(['h2'])
    // A WebSocket can't be opened on HTTP/2 here: the browser takes a connection of HTTP/1.1 for it.
    await page.goto(`${server.httpsUrl}/#/live/demo?via=ws`)
    await waitFor('a WebSocket player', () =>
      [...(server.stream('live/demo')?.viewers ?? [])].some(({ protocol }) => protocol === 'ws-flv'),
    )
  })
})
