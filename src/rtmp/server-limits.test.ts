import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { hex } from '../../test/support/chunks.ts'
import type { RtmpClient } from '../../test/support/rtmp-client.ts'
import { type LogLine, liveTcpHandles, RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import { MAX_AMF0_DEPTH } from '../media/index.ts'
import {
  ClientHandshake,
  decodeUserControl,
  encodeCommand,
  encodeUserControl,
  MAX_MESSAGE_BYTES,
  MAX_MESSAGE_BYTES_BEFORE_PUBLISH,
  MAX_WAITING_REPLY_BYTES,
  MessageType,
  type RtmpSessionOptions,
  UserControlEvent,
} from './index.ts'

let sessions: RtmpSessions
let socket: Socket | null = null

afterEach(async () => {
  socket?.destroy()
  await sessions.close()
  await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
})

/** A connection that sends these bytes and then nothing. */
function sendRaw(bytes: Uint8Array): void {
  socket = connect(sessions.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
}

/** Checks that the server is as good as new for others. */
async function expectOthersServed(): Promise<void> {
  const other = await sessions.client()
  await other.publish('live/other')
  await other.destroy()
  await sessions.untilClosed()
}

async function connected(options: Partial<RtmpSessionOptions> = {}): Promise<RtmpClient> {
  sessions = await RtmpSessions.listen({}, options)
  const client = await sessions.client()
  await client.connectApp('live')
  return client
}

describe('A connection is closed, with the reason in the log, for', () => {
  const opening = new ClientHandshake({ kind: 'simple' }).opening
  const handshakeReason = 'no complete handshake within 200 ms (handshakeTimeoutMs)'

  it.each([
    ['no handshake', new Uint8Array(0)],
    ['half a handshake', opening.subarray(0, 700)],
    ['a handshake without its last byte', Buffer.concat([opening, new Uint8Array(1535)])],
  ])('%s', async (_, bytes) => {
    sessions = await RtmpSessions.listen({}, { handshakeTimeoutMs: 200 })
    sendRaw(bytes)
    await sessions.until('it came', () => sessions.sessions.length === 1)
    expect(await sessions.untilClosed()).toMatchObject({
      level: 'warn',
      fields: { code: 'ERR_TIMEOUT', reason: handshakeReason, bytesReceived: bytes.length },
    })
    await expectOthersServed()
  })

  it('HTTP', async () => {
    sessions = await RtmpSessions.listen()
    sendRaw(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    await sessions.until('it came', () => sessions.sessions.length === 1)
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_PROTOCOL',
      reason: 'RTMP version byte is 0x47, must be 0x03: looks like HTTP',
    })
  })

  it('neither publish nor play within setupTimeoutMs, whatever else is said', async () => {
    const client = await connected({ setupTimeoutMs: 250 })
    const stopTalking = keepTalking(client)
    await client.closed
    stopTalking()
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_TIMEOUT',
      reason: 'no publish or play within 250 ms (setupTimeoutMs)',
    })
  })

  it.each(['publish', 'play'] as const)(
    'nothing new within setupTimeoutMs of the end of its %s, whatever else is said',
    async (action) => {
      const client = await connected({ setupTimeoutMs: 250 })
      await client[action]('live/demo')
      client.command('closeStream', [null], client.streamId)
      const stopTalking = keepTalking(client)
      await client.closed
      stopTalking()
      expect((await sessions.untilClosed()).fields.reason).toBe(
        'no publish or play within 250 ms (setupTimeoutMs)',
      )
    },
  )

  it('no media within firstMediaTimeoutMs of the publish status', async () => {
    const client = await connected({ firstMediaTimeoutMs: 30, mediaTimeoutMs: 60_000 })
    await client.publish('live/demo')
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_TIMEOUT',
      reason: 'nothing came from the client for 30 ms',
    })
    expect(sessions.receivers[0]?.ends).toMatchObject([{ code: 'disconnected' }])
    await expectOthersServed()
  })

  it('no media within firstMediaTimeoutMs of the second publish status on a message stream', async () => {
    const client = await connected({ firstMediaTimeoutMs: 1000, mediaTimeoutMs: 60_000 })
    await client.publish('live/demo')
    client.sendVideo(0, Uint8Array.of(0x17))
    client.command('publish', [null, 'again', 'live'], client.streamId)
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('nothing came from the client for 1000 ms')
    expect(sessions.receivers.map(({ media }) => media.length)).toEqual([1, 0])
  })

  it('no media within mediaTimeoutMs of the last', async () => {
    const client = await connected({ firstMediaTimeoutMs: 60_000, mediaTimeoutMs: 40 })
    await client.publish('live/demo')
    client.sendVideo(0, Uint8Array.of(0x17))
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('nothing came from the client for 40 ms')
    expect(sessions.receivers[0]?.media).toHaveLength(1)
  })

  it('no media within mediaTimeoutMs, but not because it is read late', async () => {
    const client = await connected({ mediaTimeoutMs: 200 })
    await client.publish('live/demo')
    const [receiver] = sessions.receivers
    Object.defineProperty(receiver, 'mayBeLateMs', { value: 60_000 })
    for (let sent = 1; sent <= 3; sent++) {
      client.sendVideo(sent, Uint8Array.of(0x17))
      await sessions.until('media came', () => receiver?.media.length === sent)
    }
    await client.closed
    expect(receiver?.media).toHaveLength(3)
  })

  it('no media within mediaTimeoutMs of when something had to come again', async () => {
    const client = await connected({ mediaTimeoutMs: 40 })
    await client.publish('live/demo')
    client.sendVideo(0, Uint8Array.of(0x17))
    const [receiver] = sessions.receivers
    let looks = 0
    Object.defineProperty(receiver, 'mayBeSilent', { get: () => ++looks < 8 })
    await client.closed
    // It is looked at four times in that time.
    expect(looks).toBe(8 + 3)
    expect((await sessions.untilClosed()).fields.reason).toBe('nothing came from the client for 40 ms')
  })

  it('no media within mediaTimeoutMs of the last, though pings go to it', async () => {
    const client = await connected({ mediaTimeoutMs: 200, pingIntervalMs: 20, pingTimeoutMs: 60_000 })
    await client.publish('live/demo')
    client.sendVideo(0, Uint8Array.of(0x17))
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('nothing came from the client for 200 ms')
    expect(pings(client)).toBeGreaterThan(0)
  })

  it('no answer to a ping, once it has answered one, while nothing goes to it', async () => {
    const client = await connected({ pingIntervalMs: 20, pingTimeoutMs: 100 })
    await client.play('live/demo')
    await client.waitFor('a ping', ({ type }) => type === MessageType.userControl && pings(client) > 0)
    client.send(encodeUserControl(UserControlEvent.pingResponse, 0))
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_TIMEOUT',
      reason: 'the client answered no ping for 100 ms, though it had answered before (pingTimeoutMs)',
    })
    expect(sessions.playbacks[0]?.stops).toHaveLength(1)
    await expectOthersServed()
  })

  it('no media within mediaTimeoutMs of the last, though it plays on the same connection, too', async () => {
    const client = await connected({ mediaTimeoutMs: 200 })
    await client.publish('live/demo')
    client.sendVideo(0, Uint8Array.of(0x17))
    await client.play('live/other')
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('nothing came from the client for 200 ms')
    expect(sessions.playbacks[0]?.stops).toHaveLength(1)
  })

  it('a message of 16 MB', async () => {
    const client = await connected()
    client.write(hex('06 000000 ffffff 09 01000000'))
    client.write(new Uint8Array(100_000))
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_LIMIT',
      reason: `16777215 exceeds MAX_MESSAGE_BYTES (${MAX_MESSAGE_BYTES})`,
    })
    await expectOthersServed()
  })

  it.each([
    ['before connect', async () => {}],
    ['before publish', (client: RtmpClient) => client.connectApp('live')],
    ['while it plays', (client: RtmpClient) => client.play('live/demo')],
  ] as const)('more begun messages than commands need, %s', async (_, prepare) => {
    sessions = await RtmpSessions.listen()
    const client = await sessions.client()
    await prepare(client)
    client.write(hex('02 000000 000004 01 00000000 00000080'))
    client.write(hex('06 000000 00c000 09 01000000'))
    client.write(new Uint8Array(128))
    client.write(hex('07 000000 00c000 09 01000000'))
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_LIMIT',
      reason: `${2 * 0xc000} exceeds MAX_MESSAGE_BYTES_BEFORE_PUBLISH (${MAX_MESSAGE_BYTES_BEFORE_PUBLISH})`,
    })
    await expectOthersServed()
  })

  it('AMF nested 10 000 deep', async () => {
    const client = await connected()
    const { payload } = encodeCommand('nested', 1, [])
    const nested = Buffer.concat([payload, ...Array(10_000).fill(hex('03 0001 61'))])
    client.send({
      type: MessageType.commandAmf0,
      streamId: 0,
      timestamp: 0,
      chunkStreamId: 3,
      payload: nested,
    })
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_LIMIT',
      reason: `${MAX_AMF0_DEPTH + 1} exceeds MAX_AMF0_DEPTH (${MAX_AMF0_DEPTH})`,
    })
    await expectOthersServed()
  })

  it.each([
    ['a command that is none', MessageType.commandAmf0, '05'],
    ['a user control message of one byte', MessageType.userControl, '00'],
    ['a Window Acknowledgement Size of three bytes', MessageType.windowAcknowledgementSize, '000000'],
    ['a chunk size of 0', MessageType.setChunkSize, '00000000'],
  ])('%s', async (_, type, payload) => {
    const client = await connected()
    client.send({ type, streamId: 0, timestamp: 0, chunkStreamId: 3, payload: hex(payload) })
    await client.closed
    expect((await sessions.untilClosed()).fields.code).toBe('ERR_PROTOCOL')
  })

  it('random bytes, unless they are the beginning of something', async () => {
    sessions = await RtmpSessions.listen()
    const reasons: LogLine[] = []
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' }), async (random) => {
        const client = await sessions.client()
        client.write(random)
        await client.end()
        reasons.push(await sessions.untilClosed())
      }),
      { numRuns: 40 },
    )
    const codes = new Set(reasons.map(({ level, fields }) => `${level} ${fields.code ?? ''}`.trim()))
    expect(
      [...codes].filter((code) => !['info', 'warn ERR_PROTOCOL', 'warn ERR_LIMIT'].includes(code)),
    ).toEqual([])
    expect(codes).toContain('warn ERR_PROTOCOL')
    await expectOthersServed()
  })

  it('asking and asking without reading the answers', async () => {
    const client = await connected()
    client.pauseReading()
    const calls = Buffer.concat(
      Array.from({ length: 2000 }, (_, i) =>
        encodeOnChunkStream3(encodeCommand('_checkbw', i + 2, [null]).payload),
      ),
    )
    while (client.open && sessions.closedSessions === 0) {
      client.write(calls)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const line = await sessions.untilClosed()
    expect(line.fields.code).toBe('ERR_LIMIT')
    expect(line.fields.reason).toMatch(
      new RegExp(`exceeds MAX_WAITING_REPLY_BYTES \\(${MAX_WAITING_REPLY_BYTES}\\)`),
    )
    await expectOthersServed()
  })
})

describe('A player', () => {
  it('that changes what it wants again and again is closed, before that keeps the server busy', async () => {
    const client = await connected()
    await client.play('live/demo')
    for (let i = 0; i < 100; i++) {
      client.command('receiveAudio', [null, i % 2 === 0], client.streamId)
    }
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_LIMIT',
      reason: '33 exceeds MAX_CHANGES_AT_ONCE (32)',
    })
    await expectOthersServed()
  })

  it('that says nothing stays, when others that say nothing are closed', async () => {
    const client = await connected({ setupTimeoutMs: 250, firstMediaTimeoutMs: 50, mediaTimeoutMs: 50 })
    await client.play('live/demo')
    const idle = await sessions.client()
    await idle.connectApp('live')
    await idle.closed
    const publisher = await sessions.client()
    await publisher.publish('live/other')
    await publisher.closed
    expect(client.open).toBe(true)
    expect(sessions.playbacks[0]?.stops).toEqual([])
  })
})

/** Pings that have come from the server. */
function pings(client: RtmpClient): number {
  return client.messages.filter(
    ({ type, payload }) =>
      type === MessageType.userControl && decodeUserControl(payload).event === UserControlEvent.pingRequest,
  ).length
}

/** Sends pings until told to stop. */
function keepTalking(client: RtmpClient): () => void {
  const timer = setInterval(() => client.send(encodeUserControl(UserControlEvent.pingRequest, 1)), 5)
  return () => clearInterval(timer)
}

/** A command in a type 0 chunk; it must be short. */
function encodeOnChunkStream3(payload: Uint8Array): Uint8Array {
  const header = hex(`03 000000 0000${payload.length.toString(16).padStart(2, '0')} 14 00000000`)
  return Buffer.concat([header, payload])
}
