import { connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, ClientProtocol, ClientRole, Frame } from '../../src/index.ts'
import { makeCertificate } from '../support/certificate.ts'
import { ALL_HEADERS, steady } from '../support/hls.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, CLIP } from '../support/web.ts'

const REASON = 'kicked: the test says so'

const fileScope = new FileScope()
let rig: TestServer
/** Where RTMP becomes RTMPS on its way to the server: the bytes of RTMP are what counts there, too. */
let rtmpsUrl: string
beforeAll(async () => {
  const tls = await makeCertificate(fileScope)
  rig = await startServer(fileScope, { tls, hls: { fragmentMs: 500, windowMs: 1500 } })
  rtmpsUrl = await tunnelTo(rig.server.rtmpsUrl)
})
afterAll(() => fileScope.clean())

async function tunnelTo(url: string): Promise<string> {
  const port = Number(new URL(url).port)
  const tunnel = createTcpServer((near) => {
    const far = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve))
  fileScope.onTestFinished(() => new Promise<void>((resolve) => void tunnel.close(() => resolve())))
  const address = tunnel.address()
  return `rtmp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** A client as the test knows it. */
type Known = Readonly<{
  /** Bytes that it has got. */
  received: () => number
  /** Bytes that it has sent. */
  sent: () => number
  /** How it learns that it was kicked. */
  ended: () => Promise<unknown>
}>

/** Publishes two seconds of media, and then nothing, on a connection that stays. */
async function publish(scope: Scope, base: string, path: string): Promise<RtmpClient> {
  const client = await RtmpClient.connect(`${base}/${path}`)
  scope.onTestFinished(() => client.destroy())
  await client.publish()
  send(client, [...ALL_HEADERS, ...steady({ to: 2000, gop: 500 })])
  return client
}

function send(client: RtmpClient, frames: readonly Frame[]): void {
  for (const { kind, timestamp, body } of frames) {
    kind === 'video' ? client.sendVideo(timestamp, body) : client.sendAudio(timestamp, body)
  }
}

function knownRtmp(client: RtmpClient): Known {
  return {
    received: () => client.bytesReceived,
    sent: () => client.bytesSent,
    ended: async () => {
      await client.closed
      const errors = client.statuses.filter(({ level }) => level === 'error')
      return errors.map(({ name, code, description }) => `${name} ${code}: ${description}`)
    },
  }
}

async function playRtmp(scope: Scope, base: string, path: string): Promise<Known> {
  const client = await RtmpClient.connect(`${base}/${path}`)
  scope.onTestFinished(() => client.destroy())
  await client.play()
  return knownRtmp(client)
}

/** Asks by HTTP/1.1, and counts what comes. @param headers lines, each with its end */
function playHttp(scope: Scope, path: string, headers = ''): Known & { socket: Socket; text: () => string } {
  const url = new URL(rig.httpUrl)
  const socket = connectTcp({ host: '127.0.0.1', port: Number(url.port) })
  scope.onTestFinished(() => void socket.destroy())
  const chunks: Buffer[] = []
  socket.on('data', (bytes: Buffer) => chunks.push(bytes))
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.on('close', () => resolve('closed')))
  const request = `GET /${path} HTTP/1.1\r\nHost: ${url.host}\r\n${headers}\r\n`
  socket.write(request)
  return {
    socket,
    text: () => Buffer.concat(chunks).toString('latin1'),
    received: () => socket.bytesRead,
    sent: () => request.length,
    ended: () => closed,
  }
}

const UPGRADE =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** What follows the answer to an upgrade counts. */
function playWebSocket(scope: Scope, path: string): Known {
  const known = playHttp(scope, path, UPGRADE)
  const headBytes = (): number => known.text().indexOf('\r\n\r\n') + 4
  return {
    ...known,
    received: () => known.received() - headBytes(),
    ended: async () => {
      await known.ended()
      // The last frame is that of the close: code and reason (RFC 6455, 5.5.1).
      const frame = known.text().slice(-REASON.length - 4)
      return [frame.charCodeAt(0), Buffer.from(frame, 'latin1').readUInt16BE(2), frame.slice(4)]
    },
  }
}

/** @param publisher goes on when HLS is being made, so that there is a segment */
async function playHls(path: string, publisher: RtmpClient): Promise<Known> {
  let received = 0
  const get = async (url: string): Promise<string> => {
    const { status, body, headers } = await ask(url)
    expect(status).toBe(200)
    received += Number(headers.get('content-length'))
    return body ?? ''
  }
  const master = `${rig.httpUrl}/${path}.m3u8`
  const entry = (await get(master)).split('\n').find((line) => line.includes('hls_ctx')) ?? ''
  const media = new URL(entry, master).href
  send(publisher, steady({ from: 2000, to: 4000, gop: 500 }))
  const segments = (await get(media)).split('\n').filter((line) => line.includes('.ts'))
  for (const segment of segments) {
    await get(new URL(segment, master).href)
  }
  return {
    received: () => received,
    sent: () => 0,
    ended: async () => {
      const { status, body } = await ask(media)
      const segment = await ask(new URL(segments.at(-1) ?? '', master).href)
      const context = new URL(media).searchParams.get('hls_ctx') ?? ''
      return [status, body?.replace(context, 'CTX'), segment.status]
    },
  }
}

/** Reads frames in this process. */
function playFrames(path: string): Known {
  let received = 0
  const reading = (async () => {
    for await (const { body } of rig.server.frames(path)) {
      received += body.length
    }
    return 'the iteration is over'
  })()
  return { received: () => received, sent: () => 0, ended: () => reading }
}

const RTMP_ERROR = [`onStatus NetStream.Failed: ${REASON}`]

const players: readonly [
  name: string,
  protocol: ClientProtocol,
  play: (scope: Scope, path: string, publisher: RtmpClient) => Known | Promise<Known>,
  end: unknown,
][] = [
  ['RTMP', 'rtmp', (scope, path) => playRtmp(scope, rig.rtmpUrl, path), RTMP_ERROR],
  ['RTMPS', 'rtmp', (scope, path) => playRtmp(scope, rtmpsUrl, path), RTMP_ERROR],
  ['HTTP-FLV', 'http-flv', (scope, path) => playHttp(scope, `${path}.flv`), 'closed'],
  ['WebSocket-FLV', 'ws-flv', (scope, path) => playWebSocket(scope, `${path}.flv`), [0x88, 1008, REASON]],
  ['HLS', 'hls', (_scope, path, publisher) => playHls(path, publisher), [404, 'HLS stream CTX is EOF', 403]],
  ['frames of the library', 'library', (_scope, path) => playFrames(path), 'the iteration is over'],
]

/** The one client that does this with a stream. */
async function findClient(path: string, role: ClientRole): Promise<Client> {
  return await waitFor(`a ${role} of ${path}`, () =>
    rig.server.clients.list.find(
      (client) =>
        client.role === role && client.isActive && client.request.name.stream === path.split('/')[1],
    ),
  )
}

/** Kicks a client; the log must say why it ended, and it must be gone. */
async function kick({ id }: Client, known: Known, ...messages: string[]): Promise<unknown> {
  expect(rig.server.clients.kick(id, REASON)).toBe(true)
  const end = await known.ended()
  await waitFor(`${id} is gone`, () => rig.server.clients.get(id) === undefined)
  const told = rig.log.lines.filter(({ fields }) => fields.client === id && fields.reason === REASON)
  expect(told.map((line) => line.message)).toEqual(expect.arrayContaining(['client kicked', ...messages]))
  return end
}

describe.concurrent('a player', () => {
  it.each(players)(
    'by %s is listed with true counters, and can be kicked',
    async (name, protocol, play, end) => {
      const path = `live/play-${name.replaceAll(/\W/g, '').toLowerCase()}`
      const publisher = await publish(fileScope, rig.rtmpUrl, path)
      await findClient(path, 'publisher')
      const known = await play(fileScope, path, publisher)
      const client = await findClient(path, 'player')
      expect(client.request.client).toMatchObject({ id: client.id, protocol })
      expect(client.aliveMs).toBeGreaterThanOrEqual(0)
      await waitFor(
        () =>
          `${client.bytesSent} sent, ${known.received()} received; ${client.bytesReceived} received, ${known.sent()} sent`,
        () =>
          known.received() > 1000 &&
          client.bytesSent === known.received() &&
          client.bytesReceived === known.sent(),
      )
      expect(client).toMatchObject({ lagMs: 0, skips: 0 })
      expect(await kick(client, known, ...(protocol === 'library' ? [] : ['play stopped']))).toEqual(
        Array.isArray(end) && typeof end[0] === 'object'
          ? end.map((each) => expect.objectContaining(each))
          : end,
      )
      expect(rig.server.stream(path)?.viewers.size).toBe(0)
    },
  )

  it('that was refused is no client', async () => {
    expect((await ask(`${rig.httpUrl}/live/nobody.flv`)).status).toBe(404)
    expect(rig.server.clients.list.filter(({ request }) => request.name.stream === 'nobody')).toEqual([])
  })
})

describe.concurrent('a publisher', () => {
  it.each([
    ['RTMP', () => rig.rtmpUrl],
    ['RTMPS', () => rtmpsUrl],
  ])('by %s is listed with true counters, and can be kicked', async (name, base) => {
    const path = `live/publish-${name.toLowerCase()}`
    const known = knownRtmp(await publish(fileScope, base(), path))
    const client = await findClient(path, 'publisher')
    expect(client.request.client).toMatchObject({ protocol: 'rtmp', publishDialect: 'fmle' })
    await waitFor(
      () => `${client.bytesReceived} received, ${known.sent()} sent`,
      () => client.bytesReceived === known.sent() && client.bytesSent === known.received(),
    )
    expect(client.bytesReceived).toBeGreaterThan(2000)
    const end = await kick(client, known, 'publish stopped')
    expect(end).toEqual(RTMP_ERROR)
    expect(rig.server.stream(path)?.publication).toBeNull()
  })

  it('of a file is listed, and can be kicked', async () => {
    const path = 'live/file'
    await rig.server.publishFile(path, { path: CLIP })
    const client = await findClient(path, 'publisher')
    expect(client).toMatchObject({ id: 'file-live-file', request: { client: { protocol: 'file' } } })
    await waitFor('bytes', () => client.bytesReceived > 10_000)
    // Metadata is not counted by the stream.
    expect(client.bytesReceived).toBeGreaterThanOrEqual(rig.server.stream(path)?.counters.bytesReceived ?? 0)
    const known = { received: () => 0, sent: () => 0, ended: async () => 'over' }
    await kick(client, known, 'publish stopped')
    expect(rig.server.stream(path)?.publication).toBeNull()
  })

  it('that unpublishes and then plays on the same connection is one client all the time', async () => {
    const client = await publish(fileScope, rig.rtmpUrl, 'live/first')
    await publish(fileScope, rig.rtmpUrl, 'live/second')
    const { id } = await findClient('live/first', 'publisher')
    client.command('FCUnpublish', [null, 'first'])
    client.command('deleteStream', [null, client.streamId])
    await waitFor('it does nothing', () => rig.server.clients.get(id)?.isActive === false)
    await client.play('live/second')
    const player = await findClient('live/second', 'player')
    expect(player.id).toBe(id)
    expect(player.activities).toMatchObject([{ role: 'player' }])
    await client.destroy()
    await waitFor('it has left', () => rig.server.clients.get(id) === undefined)
  })
})
