import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RtmpSessions } from '../../../test/support/rtmp-sessions.ts'
import { answerAll, type Script, ScriptedRtmpServer } from '../../../test/support/scripted-rtmp-server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { ClosedError, ProtocolError, RejectedError, ServerError, TimeoutError } from '../../base/index.ts'
import {
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  type HandshakeKind,
  type Message,
  MessageType,
  noRtmpCapabilities,
  parseRtmpTarget,
  RtmpClient,
  type RtmpClientOptions,
  RtmpRefusedError,
  UserControlEvent,
} from '../index.ts'

const scope = { onTestFinished }

async function serve(script: Script = {}): Promise<ScriptedRtmpServer> {
  return await ScriptedRtmpServer.listen(scope, script)
}

/** Connects a client that is destroyed after the test. */
async function connect(server: { url: string }, options: RtmpClientOptions = {}): Promise<RtmpClient> {
  const client = await RtmpClient.connect(parseRtmpTarget(server.url), options)
  onTestFinished(() => client.destroy(new Error('the test is over')))
  return client
}

/** Expects that a connection fails, leaves nothing behind, and gives the error. */
async function failure(server: ScriptedRtmpServer, options: RtmpClientOptions = {}): Promise<Error> {
  const error: unknown = await connect(server, options).then(
    () => new Error('it connected'),
    (thrown: unknown) => thrown,
  )
  await waitFor('the connection is closed', () => server.openSockets === 0)
  if (!(error instanceof Error)) {
    throw new Error(`not an error: ${error}`)
  }
  return error
}

describe('RtmpClient.connect', () => {
  it.each<HandshakeKind>(['simple', 'digest-first', 'key-first'])(
    'connects after a %s handshake, and says what clients say',
    async (handshake) => {
      const server = await serve()
      const client = await connect(server, { handshake })
      expect(server.peer.handshake).toBe(handshake)
      const [command] = server.peer.commands
      expect(command).toMatchObject({ name: 'connect', transactionId: 1, args: [] })
      expect(command?.object).toMatchObject({
        app: 'live',
        tcUrl: server.url.replace('/demo', ''),
        objectEncoding: 0,
        fourCcList: expect.arrayContaining(['hvc1', 'av01', 'vp09', 'Opus']),
        videoFourCcInfoMap: { '*': 4 },
        audioFourCcInfoMap: { '*': 4 },
        capsEx: 14,
      })
      expect(client.connectResult).toMatchObject({
        properties: { fmsVer: 'test' },
        capabilities: { announced: false },
        status: { code: 'NetConnection.Connect.Success' },
      })
    },
  )

  it('connects to our own server, and reads what it announces', async () => {
    const sessions = await RtmpSessions.listen()
    onTestFinished(() => sessions.close())
    const client = await connect({ url: `${sessions.url}/live/demo` })
    expect(client.connectResult?.capabilities.fourCcs).toEqual(new Set(['*']))
    await client.close()
  })

  it('works when every byte comes by itself', async () => {
    const server = await serve({ byteByByte: true })
    const client = await connect(server)
    expect(await client.createStream()).toBe(1)
  })

  it('says nothing of Enhanced RTMP if so told, other properties, and that it reconnects if it does', async () => {
    const server = await serve()
    await connect(server, {
      capabilities: noRtmpCapabilities,
      connectProperties: { pageUrl: 'http://page/' },
    })
    const [plain] = server.peer.commands
    expect(plain?.object).toMatchObject({ pageUrl: 'http://page/' })
    expect(Object.keys(plain?.object ?? {})).not.toContain('fourCcList')
    await connect(server, { onReconnectRequest: () => {} })
    expect(server.peer.commands[0]?.object).toMatchObject({ capsEx: 15 })
  })

  it('tells the servers that a relay has the stream from, which our own server reads', async () => {
    const sessions = await RtmpSessions.listen()
    onTestFinished(() => sessions.close())
    await connect({ url: `${sessions.url}/live/demo` }, { relayTrail: ['a', 'b'] })
    await connect({ url: `${sessions.url}/live/demo` })
    expect(sessions.connects.map(({ relayTrail }) => relayTrail)).toEqual([['a', 'b'], []])
  })

  it('announces its window and chunk size when it is connected', async () => {
    const server = await serve()
    await connect(server, { chunkSize: 1000 })
    await waitFor('the chunk size', () => server.peer.controlValues(MessageType.setChunkSize).length > 0)
    expect(server.peer.controlValues(MessageType.setChunkSize)).toEqual([1000])
    expect(server.peer.controlValues(MessageType.windowAcknowledgementSize)).toEqual([2_500_000])
  })

  it.each([
    ['_error', '_error'],
    ['a _result of level error', '_result'],
  ])('is refused by %s, with what the server said', async (_, name) => {
    const information = {
      level: 'error',
      code: 'NetConnection.Connect.Rejected',
      description: 'go there',
      ex: { code: 302, redirect: 'rtmp://other/live', redirect2: 'rtmp://other/live/demo' },
    }
    const server = await serve({
      onCommand: (command, peer) => peer.answer(command, [null, information], name),
    })
    const error = await failure(server)
    expect(error).toBeInstanceOf(RtmpRefusedError)
    expect(error).toBeInstanceOf(RejectedError)
    expect(error.message).toBe('the server refused connect: NetConnection.Connect.Rejected: go there')
    expect((error as RtmpRefusedError).refusal).toEqual({
      command: 'connect',
      status: 'NetConnection.Connect.Rejected',
      description: 'go there',
      redirect: { tcUrl: 'rtmp://other/live', url: 'rtmp://other/live/demo' },
      information,
    })
  })

  it('is told the beginning of what a server says at length, in one line', async () => {
    const information = { level: 'error', code: 'Bad\r\n', description: `\x1b[2J${'a'.repeat(60_000)}` }
    const server = await serve({
      onCommand: (command, peer) => peer.answer(command, [null, information], '_error'),
    })
    expect((await failure(server)).message).toMatch(/^the server refused connect: Bad: \[2Ja{197}\.\.\.$/)
  })

  it('is refused by a server that says close', async () => {
    const server = await serve({ onCommand: (command, peer) => peer.answer(command, [null], 'close') })
    expect((await failure(server)).message).toBe('the server refused connect')
  })

  it('tells a server that closes without a reason', async () => {
    const server = await serve({ onCommand: (_, peer) => peer.socket.end() })
    expect(await failure(server)).toEqual(
      new ServerError(
        'ERR_CONNECTION',
        'the server closed the connection during connect, without a reason; some servers refuse so',
      ),
    )
  })

  it('tells a server that resets the connection', async () => {
    const server = await serve({ onCommand: (_, peer) => peer.socket.resetAndDestroy() })
    const error = await failure(server)
    expect(error).toMatchObject({ code: 'ERR_CONNECTION', cause: { code: 'ECONNRESET' } })
    expect(error.message).toMatch(/^the connection was lost: .*ECONNRESET/)
  })

  it.each<[string, Script, RtmpClientOptions, string]>([
    [
      'says nothing at all',
      { onSocket: () => {} },
      { handshakeTimeoutMs: 30 },
      'no answer to the handshake within 30 ms (handshakeTimeoutMs)',
    ],
    [
      'ends half way through the handshake',
      { onSocket: (socket) => socket.write(new Uint8Array(1000).fill(3)) },
      { handshakeTimeoutMs: 40 },
      'no answer to the handshake within 40 ms (handshakeTimeoutMs)',
    ],
    [
      'answers no command',
      { onCommand: () => {} },
      { answerTimeoutMs: 50 },
      'no answer to connect within 50 ms (answerTimeoutMs)',
    ],
  ])('gives up a server that %s', async (_, script, options, message) => {
    expect(await failure(await serve(script), options)).toEqual(new TimeoutError(message))
  })

  it.each<[string, string | Uint8Array, RegExp]>([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', /looks like HTTP/],
    ['TLS', Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40), /looks like TLS/],
  ])('says so if the server speaks %s', async (_, bytes, message) => {
    const server = await serve({ onSocket: (socket) => socket.write(bytes) })
    const error = await failure(server)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toMatch(message)
  })

  it('says so if the server sends garbage behind its handshake', async () => {
    const server = await serve({ onCommand: (_, peer) => peer.write(new Uint8Array(64).fill(0xff)) })
    expect(await failure(server)).toBeInstanceOf(ProtocolError)
  })

  it('says so if nothing listens there', async () => {
    const port = await freedPort()
    await expect(RtmpClient.connect(parseRtmpTarget(`rtmp://127.0.0.1:${port}/live/demo`))).rejects.toEqual(
      new ServerError('ERR_CONNECTION', `no connection to 127.0.0.1:${port}: nothing listens there`),
    )
  })

  it('ends at once when its signal aborts: before, during and after', async () => {
    const reason = new Error('changed my mind')
    const server = await serve({ onCommand: () => {} })
    await expect(connect(server, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const abort = new AbortController()
    const connecting = failure(server, { signal: abort.signal })
    await waitFor('connect', () => server.peers[0]?.commandNames[0] === 'connect')
    abort.abort(reason)
    expect(await connecting).toBe(reason)

    const later = new AbortController()
    const client = await connect(await serve(), { signal: later.signal })
    later.abort(reason)
    expect(await client.closed).toBe(reason)
    await expect(client.createStream()).rejects.toBe(reason)
  })
})

describe('a connected client', () => {
  it('answers pings and acknowledges what it got', async () => {
    const server = await serve()
    const client = await connect(server)
    const { peer } = server
    peer.send(encodeUserControl(UserControlEvent.pingRequest, 4711))
    peer.send(encodeWindowAcknowledgementSize(20_000))
    peer.send(audio(new Uint8Array(15_000)))
    await waitFor('an answer and an acknowledgement', () => {
      const pong = peer.messages.find(({ type }) => type === MessageType.userControl)
      return pong !== undefined && peer.controlValues(MessageType.acknowledgement).length > 0
    })
    expect(peer.controlValues(MessageType.acknowledgement)).toEqual([client.bytesReceived])
  })

  it('tells its owner of a connection that is lost, once, and refuses to go on', async () => {
    const server = await serve()
    const client = await connect(server)
    const ends: (Error | null)[] = []
    client.owner = { onMedia: () => undefined, onStatus: () => {}, onClose: (error) => ends.push(error) }
    server.peer.socket.resetAndDestroy()
    const error = await client.closed
    expect(error).toMatchObject({ code: 'ERR_CONNECTION' })
    expect(ends).toEqual([error])
    await expect(client.createStream()).rejects.toMatchObject({ code: 'ERR_CONNECTION' })
    client.destroy(new Error('late'))
    await client.close()
    expect(ends).toHaveLength(1)
  })

  it('rejects what it waits for when it is closed', async () => {
    const server = await serve({
      onCommand: (command, peer) => (command.name === 'connect' ? answerAll(command, peer) : undefined),
    })
    const client = await connect(server)
    const waiting = expect(client.createStream()).rejects.toEqual(new ClosedError('the connection is closed'))
    await client.close()
    await waiting
    expect(await client.closed).toBeNull()
  })

  it('is not content with a createStream that names no stream', async () => {
    const server = await serve({
      onCommand: (command, peer) =>
        command.name === 'connect' ? answerAll(command, peer) : peer.answer(command, [null, 'one']),
    })
    const client = await connect(server)
    await expect(client.createStream()).rejects.toEqual(
      new ProtocolError('the answer to createStream has no message stream id'),
    )
  })

  it('hands on a reconnect request, and goes on', async () => {
    const server = await serve()
    const requests: unknown[] = []
    const client = await connect(server, { onReconnectRequest: (request) => requests.push(request) })
    const code = 'NetConnection.Connect.ReconnectRequest'
    server.peer.status(code, 'status', { tcUrl: 'rtmp://other/live' }, 0)
    server.peer.status(code, 'status', {}, 0)
    await waitFor('both', () => requests.length === 2)
    expect(requests).toEqual([
      { tcUrl: 'rtmp://other/live', description: `says ${code}` },
      { tcUrl: null, description: `says ${code}` },
    ])
    expect(await client.createStream()).toBe(1)
  })

  it('ends with the reason when the server refuses to go on', async () => {
    const server = await serve()
    const client = await connect(server)
    server.peer.status('NetConnection.Connect.Closed', 'error', {}, 0)
    expect((await client.closed)?.message).toBe(
      'the server refused to go on: NetConnection.Connect.Closed: says NetConnection.Connect.Closed',
    )
  })
})

function audio(payload: Uint8Array): Message {
  return { type: MessageType.audio, streamId: 1, timestamp: 0, chunkStreamId: 4, payload }
}

async function freedPort(): Promise<number> {
  const server = createServer((socket: Socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return typeof address === 'object' && address !== null ? address.port : 0
}
