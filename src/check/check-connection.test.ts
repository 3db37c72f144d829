import { describe, expect, it } from 'vitest'
import { listenTcp, SocketSink } from '../net/index.ts'
import { ChunkWriter, encodeCommand, MessageType } from '../rtmp/index.ts'
import { CheckConnection, MAX_KEPT_MESSAGES } from './check-connection.ts'
import { MAX_PROBE_CONNECTIONS, ProbeBench } from './probe-bench.ts'
import { parseCheckTarget } from './target.ts'

async function setupFor(
  context: { onTestFinished(clean: () => Promise<void>): void },
  answer: Uint8Array,
): Promise<ConstructorParameters<typeof CheckConnection>[0]> {
  const listener = await listenTcp({ port: 0 }, 'test', (socket) => {
    socket.on('error', () => {}).resume()
    new SocketSink(socket).write(answer)
  })
  context.onTestFinished(() => listener.close())
  const target = parseCheckTarget(`rtmp://127.0.0.1:${listener.address.port}/live`)
  return { target, address: '127.0.0.1', timeoutMs: 5_000, maxReceivedBytes: 10_000 }
}

describe('a connection of a check', () => {
  it('cuts a server off that sends without end, and says so', async (context) => {
    const connection = new CheckConnection(await setupFor(context, new Uint8Array(20_000)))
    const waiting = connection.waitFor('anything', () => null)
    await expect(waiting).rejects.toThrow(/exceeds MAX_CONNECTION_RECEIVED_BYTES \(10000\)/)
    expect(connection.closed).toBe(true)
  })

  it('takes what is within the limit', async (context) => {
    const connection = new CheckConnection(await setupFor(context, new Uint8Array(10_000)))
    context.onTestFinished(() => connection.close())
    await connection.waitFor('all of it', () => connection.handshakeBytes.length === 10_000 || null)
  })

  it('keeps the first MAX_KEPT_MESSAGES that a server sends, and reads on', async (context) => {
    const handshake = new Uint8Array(1 + 1536 + 1536)
    handshake[0] = 3
    const writer = new ChunkWriter()
    const messages = Array.from({ length: MAX_KEPT_MESSAGES + 2 }, (_, i) =>
      writer.encode({
        type: MessageType.acknowledgement,
        streamId: 0,
        timestamp: 0,
        chunkStreamId: 2,
        payload: Uint8Array.of(0, 0, i >> 8, i & 0xff),
      }),
    )
    const status = encodeCommand('onStatus', 0, [null, { code: 'last' }])
    const answer = Buffer.concat([handshake, ...messages, writer.encode(status)])
    const setup = { ...(await setupFor(context, answer)), maxReceivedBytes: answer.length }
    const connection = new CheckConnection(setup)
    context.onTestFinished(() => connection.close())
    await connection.shakeHands()
    await connection.waitFor('all of it', () => connection.bytesReceived === answer.length || null)
    expect(connection.messages).toHaveLength(MAX_KEPT_MESSAGES)
    const last = Buffer.from(connection.messages.at(-1)?.payload ?? [])
    expect(last.readUInt32BE()).toBe(MAX_KEPT_MESSAGES - 1)
    expect(connection.closed).toBe(false)
  })

  it('is one of a bounded number in a probe', async (context) => {
    const bench = new ProbeBench(await setupFor(context, new Uint8Array(0)))
    context.onTestFinished(() => bench.close())
    for (let i = 0; i < MAX_PROBE_CONNECTIONS; i++) {
      await bench.open()
    }
    await expect(bench.open()).rejects.toThrow('MAX_PROBE_CONNECTIONS (8)')
  })
})
