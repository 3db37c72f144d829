import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  HTTP_HEADERS_TIMEOUT_MS,
  MAX_HTTP_HEADER_BYTES,
  MAX_WEBSOCKET_MESSAGE_BYTES,
} from '../../src/http/index.ts'
import { encodeAmf0 } from '../../src/media/index.ts'
import {
  ChunkWriter,
  encodeCommand,
  MAX_CHUNK_STREAMS,
  MAX_MESSAGE_BYTES,
  MessageType,
} from '../../src/rtmp/index.ts'
import { publishWithFfmpeg, type ToolProcess } from '../support/ffmpeg.ts'
import { HlsPlayer } from '../support/hls-player.ts'
import { requireRun } from '../support/packets.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { RawClient } from '../support/raw-client.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { readTags } from '../support/tags.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 20
// Short, but not for a client that means well on a machine that is busy. The publisher takes longer anyway.
const RTMP_LIMITS = {
  handshakeTimeoutMs: 6000,
  setupTimeoutMs: 8000,
  firstMediaTimeoutMs: 6000,
}

// A publisher and players, who are to notice nothing of all this.
const fileScope = new FileScope()
let at: TestServer
let source: string
let publisher: ToolProcess
let witnesses: TagPlayer[]
let hlsWitness: HlsPlayer
beforeAll(async () => {
  const folder = await mediaFolder(fileScope)
  const args = [...videoInput('160x120'), ...audioInput, ...h264({ gop: 25 }), ...aac]
  source = await makeFlv(folder, 'source', args, SECONDS)
  at = await startServer(fileScope, { rtmp: RTMP_LIMITS, http: { page: true } })
  publisher = publishWithFfmpeg(fileScope, source, `${at.rtmpUrl}/live/show`)
  await waitFor('a publication', () => at.server.stream('live/show')?.publication)
  witnesses = await Promise.all([
    playRtmp(fileScope, `${at.rtmpUrl}/live/show`),
    playHttpFlv(fileScope, `${at.httpUrl}/live/show.flv`),
    playWebSocketFlv(fileScope, `${at.wsUrl}/live/show.flv`),
  ])
  hlsWitness = HlsPlayer.start(fileScope, `${at.httpUrl}/live/show.m3u8`)
})
afterAll(() => fileScope.clean())

/** C0, C1 and C2 in one go; the server does not look into C2. */
const handshake = () => Buffer.concat([Buffer.of(3), randomBytes(2 * 1536)])

function messages(...commands: Parameters<typeof encodeCommand>[]): Buffer {
  const writer = new ChunkWriter()
  return Buffer.concat(commands.map((command) => writer.encode(encodeCommand(...command))))
}

const connectCommand: Parameters<typeof encodeCommand> = [
  'connect',
  1,
  [{ app: 'live', tcUrl: 'rtmp://host/live' }],
]

/** The command object of a connect with objects in objects. */
function nestedConnect(depth: number): Buffer {
  const open = Buffer.of(3)
  const level = Buffer.of(0, 1, 'a'.charCodeAt(0), 3)
  const payload = Buffer.concat([encodeAmf0('connect', 1), open, ...Array<Buffer>(depth).fill(level)])
  const message = { type: MessageType.commandAmf0, streamId: 0, timestamp: 0, chunkStreamId: 3, payload }
  return Buffer.from(new ChunkWriter().encode(message))
}

function publishCommands(name: string): Buffer {
  return messages(connectCommand, ['createStream', 2, [null]], ['publish', 3, [null, name, 'live'], 1])
}

/** First chunks, one byte of payload each, of many messages that never end. */
function openChunkStreams(count: number): Buffer {
  const chunks = Array.from({ length: count }, (_, index) => [
    Buffer.of(0, index, 0, 0, 0, 0, 1, 0, MessageType.video, 0, 0, 0, 0),
    Buffer.alloc(128),
  ])
  return Buffer.concat(chunks.flat())
}

const rtmpAttacks: readonly { name: string; bytes: () => Uint8Array; reason: RegExp }[] = [
  { name: 'nothing', bytes: () => new Uint8Array(0), reason: /handshakeTimeoutMs/ },
  { name: 'half a handshake', bytes: () => handshake().subarray(0, 800), reason: /handshakeTimeoutMs/ },
  { name: 'a handshake and nothing more', bytes: handshake, reason: /setupTimeoutMs/ },
  {
    name: 'random bytes',
    bytes: () => Buffer.concat([Buffer.of(0xa7), randomBytes(5000)]),
    reason: /version/i,
  },
  { name: 'HTTP', bytes: () => Buffer.from('GET /live/show.flv HTTP/1.1\r\n\r\n'), reason: /HTTP/ },
  {
    name: 'random bytes behind the handshake',
    bytes: () => Buffer.concat([handshake(), Buffer.of(0xc5), randomBytes(5000)]),
    reason: /type 3|chunk/i,
  },
  {
    name: 'a message of 16 MB',
    bytes: () => Buffer.concat([handshake(), Buffer.of(3, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0)]),
    reason: new RegExp(`16777215 exceeds MAX_MESSAGE_BYTES \\(${MAX_MESSAGE_BYTES}\\)`),
  },
  {
    name: 'more chunk streams than there may be',
    bytes: () => Buffer.concat([handshake(), openChunkStreams(MAX_CHUNK_STREAMS + 1)]),
    reason: /MAX_CHUNK_STREAMS/,
  },
  {
    name: 'a connect without tcUrl',
    bytes: () => Buffer.concat([handshake(), messages(['connect', 1, [{ app: 'live' }]])]),
    reason: /no tcUrl/,
  },
  {
    name: 'AMF nested 10 000 deep',
    bytes: () => Buffer.concat([handshake(), nestedConnect(10_000)]),
    reason: /MAX_AMF0_DEPTH/,
  },
  {
    name: 'publish before connect',
    bytes: () => Buffer.concat([handshake(), messages(['publish', 1, [null, 'show', 'live'], 1])]),
    reason: /before connect/,
  },
  {
    name: 'a stream name that climbs out of its application',
    bytes: () => Buffer.concat([handshake(), publishCommands('../../etc/passwd')]),
    reason: /'\.' and '\.\.' are not names/,
  },
  {
    name: 'a stream name with a NUL',
    bytes: () => Buffer.concat([handshake(), publishCommands('show\u0000.flv')]),
    reason: /control characters/,
  },
  {
    name: 'publish and nothing more',
    bytes: () => Buffer.concat([handshake(), publishCommands('silent')]),
    reason: /nothing came from the client for 6000 ms/,
  },
]

describe.concurrent('a client of the RTMP port that sends', () => {
  it.for(rtmpAttacks)('$name is closed, with the reason in the log', async ({ bytes, reason }, context) => {
    const client = await RawClient.connect(context, at.rtmpUrl)
    client.write(bytes())
    await client.closedByServer()
    const opened = at.log
      .withMessage('RTMP connection')
      .find(({ fields }) => fields.port === client.localPort)
    const closed = await waitFor('a line in the log', () =>
      at.log.withMessage('connection closed').find(({ fields }) => fields.client === opened?.fields.client),
    )
    expect(closed.level).toBe('warn')
    expect(closed.fields.reason).toMatch(reason)
  })
})

/** A frame from a WebSocket client (RFC 6455, 5.2), with a mask of zeros. */
function webSocketFrame(opcode: number, payloadLength: number): Buffer {
  const header = Buffer.of(0x80 + opcode, 0x80 + 126, 0, 0, 0, 0, 0, 0)
  header.writeUInt16BE(payloadLength, 2)
  return Buffer.concat([header, Buffer.alloc(payloadLength)])
}

const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: host\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: host\r\n\r\n`

type HttpAttack = Readonly<{
  name: string
  /** What is sent; each next one when the answer to the one before matches. */
  steps: readonly (string | Buffer | RegExp)[]
  /** What the client is told. */
  answer: RegExp
  /** The line in the log. */
  reason: RegExp
}>

const httpAttacks: readonly HttpAttack[] = [
  { name: 'random bytes', steps: [randomBytes(5000)], answer: /^HTTP\/1.1 400 /, reason: /not HTTP/ },
  { name: 'an RTMP handshake', steps: [handshake()], answer: /^HTTP\/1.1 400 /, reason: /not HTTP/ },
  {
    name: 'a header of 1 MB',
    steps: [`GET / HTTP/1.1\r\nHost: host\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`],
    answer: /^HTTP\/1.1 431 /,
    reason: new RegExp(`MAX_HTTP_HEADER_BYTES \\(${MAX_HTTP_HEADER_BYTES}\\)`),
  },
  {
    name: 'half a header',
    steps: ['GET / HTTP/1.1\r\nHost:'],
    answer: /^HTTP\/1.1 408 /,
    reason: new RegExp(`HTTP_HEADERS_TIMEOUT_MS \\(${HTTP_HEADERS_TIMEOUT_MS}\\)`),
  },
  {
    name: 'another request behind a .flv',
    steps: [get('/live/show.flv'), /FLV/, get('/live/show.flv')],
    answer: /^HTTP\/1.1 200 /,
    reason: /a request behind a streaming one/,
  },
  {
    name: 'two requests for .flv in one go',
    steps: [get('/live/show.flv') + get('/live/show.flv')],
    answer: /^/,
    reason: /a request behind a streaming one/,
  },
  {
    name: 'an upgrade behind a .flv',
    steps: [get('/live/show.flv'), /FLV/, upgrade('/live/show.flv')],
    answer: /^(?!.*404 Not Found)/s,
    reason: /a request behind a streaming one/,
  },
  {
    name: 'a .flv behind the page, in one go',
    steps: [get('/') + get('/live/show.flv')],
    answer: /^/,
    reason: /a request behind a streaming one/,
  },
  {
    name: 'garbage in a WebSocket',
    steps: [upgrade('/live/show.flv'), /FLV/, Buffer.alloc(100, 0xff)],
    answer: /^HTTP\/1.1 101 /,
    reason: /WebSocket/,
  },
  {
    name: `a WebSocket message of ${MAX_WEBSOCKET_MESSAGE_BYTES + 1} bytes`,
    steps: [upgrade('/live/show.flv'), /FLV/, webSocketFrame(2, MAX_WEBSOCKET_MESSAGE_BYTES + 1)],
    answer: /^HTTP\/1.1 101 /,
    reason: /WebSocket/,
  },
]

describe.concurrent('a client of the HTTP port that sends', () => {
  it.for(httpAttacks)(
    '$name is closed, with the reason in the log',
    async ({ steps, answer, reason }, context) => {
      const client = await RawClient.connect(context, at.httpUrl)
      for (const step of steps) {
        await (step instanceof RegExp ? client.receives(step) : client.write(step))
      }
      await client.closedByServer()
      expect(client.text).toMatch(answer)
      const line = await waitFor('a line in the log', () =>
        at.log.lines.find(({ fields }) => fields.port === client.localPort && fields.reason !== undefined),
      )
      expect(line.level).toBe('warn')
      expect(`${line.message}: ${line.fields.reason}`).toMatch(reason)
    },
  )
})

const refused: readonly { path: string; status: RegExp }[] = [
  { path: '/../../../../../../etc/passwd', status: /40[034]/ },
  { path: '/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd', status: /40[034]/ },
  { path: '/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd', status: /40[034]/ },
  { path: '/..%5c..%5cetc%5cpasswd', status: /40[034]/ },
  { path: '//etc/passwd', status: /40[034]/ },
  { path: '/%00', status: /40[034]/ },
  { path: '/%', status: /400/ },
  { path: '/live/..%2f..%2f..%2fetc%2fpasswd.flv', status: /400/ },
  { path: '/live/..%2f..%2f..%2fetc%2fpasswd.m3u8', status: /400/ },
  { path: '/live/..%2f..%2f..%2fetc%2fpasswd.ts', status: /40[034]/ },
  { path: '/live/%00.flv', status: /400/ },
  { path: `/live/${'x'.repeat(2000)}.flv`, status: /400/ },
  { path: '/live/show.m3u8?hls_ctx=..%2f..', status: /400/ },
  { path: '/live/show.m3u8?hls_ctx=', status: /400/ },
  { path: `/live/show.m3u8?hls_ctx=${'x'.repeat(2000)}`, status: /400/ },
  { path: '/live/show-1.ts', status: /404/ },
  { path: '/live/show-1.ts?hls_ctx=nobodyhasthis', status: /403/ },
]

describe.concurrent('a request', () => {
  it.for(refused)('for $path is refused', async ({ path, status }, context) => {
    const client = await RawClient.connect(context, at.httpUrl)
    client.write(`GET ${path} HTTP/1.1\r\nHost: host\r\nConnection: close\r\n\r\n`)
    await client.closedByServer()
    expect(/^HTTP\/1.1 (\d+)/.exec(client.text)?.[1]).toMatch(status)
    expect(client.text).not.toContain('root:')
  })

  it('for the page is answered, so files are served', async () => {
    const response = await fetch(`${at.httpUrl}/`)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<html')
  })

  it('to upgrade where there is no stream is refused', async (context) => {
    const client = await RawClient.connect(context, at.httpUrl)
    client.write(upgrade('/live/nobody.flv'))
    await client.closedByServer()
    expect(client.text).toMatch(/^HTTP\/1.1 404 /)
  })
})

describe('meanwhile', () => {
  it('the publisher and the players lost nothing', async () => {
    await publisher.succeeded()
    const sent = await readTags(source)
    for (const player of witnesses) {
      await player.reaches(sent.newestMs)
      for (const kind of ['audio', 'video'] as const) {
        expect(requireRun(player.media(kind), sent.media(kind)).end).toBe(sent.media(kind).length)
      }
    }
    await hlsWitness.waitFor('the whole stream', () => hlsWitness.durationMs >= (SECONDS - 2) * 1000)
    // Only the player's connection is left.
    await waitFor('the end of the other connections', () => at.server.rtmpConnections === 1)
  })
})
