import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import { parseVideoTagBody } from '../media/index.ts'
import { listenTcp, SocketSink } from '../net/index.ts'
import {
  ChunkReader,
  ChunkWriter,
  decodeCommand,
  encodeCommand,
  MessageType,
  ServerHandshake,
} from '../rtmp/index.ts'
import { LoadCounters } from './counters.ts'
import { PUBLISH_TIMEOUT_MS, Publisher, type PublisherContext } from './publisher.ts'
import { readStamp } from './stamp.ts'
import { SyntheticMedia } from './synthetic-stream.ts'
import { parseLoadTarget } from './target.ts'

/** A server that takes whatever is published. */
class TakingServer {
  readonly commands: string[] = []
  readonly videoBodies: Uint8Array[] = []
  readonly socket: Socket
  readonly #sink: SocketSink
  readonly #handshake = new ServerHandshake()
  readonly #writer = new ChunkWriter()
  readonly #reader = new ChunkReader((message) => {
    if (message.type === MessageType.commandAmf0) {
      const { name, transactionId } = decodeCommand(message)
      this.commands.push(name)
      this.#answer(name, transactionId)
    } else if (message.type === MessageType.video) {
      this.videoBodies.push(message.payload)
    }
  })

  constructor(socket: Socket) {
    this.socket = socket
    this.#sink = new SocketSink(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes: Uint8Array) => {
      const { send, rest } = this.#handshake.push(bytes)
      if (send !== null) {
        this.#sink.write(send)
      }
      this.#reader.push(rest)
    })
  }

  #answer(name: string, transactionId: number): void {
    const started = { level: 'status', code: 'NetStream.Publish.Start' }
    const answers = {
      connect: encodeCommand('_result', transactionId, [{}, {}]),
      // What some servers say to commands they don't know.
      releaseStream: encodeCommand('_error', transactionId, [null, { level: 'error' }]),
      createStream: encodeCommand('_result', transactionId, [null, 3]),
      publish: encodeCommand('onStatus', 0, [null, started], 3),
    }
    const answer = answers[name as keyof typeof answers]
    if (answer !== undefined) {
      this.#sink.write(this.#writer.encode(answer))
    }
  }
}

function contextFor(port: number, bitrate: number, maxWaitingBytes: number): PublisherContext {
  return {
    target: parseLoadTarget(`rtmp://127.0.0.1:${port}/live/load`),
    address: '127.0.0.1',
    tls: null,
    buffer: Buffer.alloc(65_536),
    media: new SyntheticMedia({ bitrate, framesPerSecond: 50, gopFrames: 5, audio: true }),
    counters: new LoadCounters(),
    maxWaitingBytes,
  }
}

async function publish(bitrate: number, maxWaitingBytes: number) {
  const servers: TakingServer[] = []
  const listener = await listenTcp({ port: 0 }, 'a test', (socket) => {
    servers.push(new TakingServer(socket))
  })
  const context = contextFor(listener.address.port, bitrate, maxWaitingBytes)
  const publisher = new Publisher(context, 'load')
  publisher.begin()
  await publisher.answered
  const server = await waitFor('the connection', () => servers[0])
  onTestFinished(async () => {
    server.socket.destroy()
    await publisher.end()
    await listener.close()
  })
  return { publisher, server, counts: context.counters.counts }
}

/** Numbers of the frames that came, and which are keyframes; the sequence header is left out. */
function framesOf(server: TakingServer): { frame: number; keyframe: boolean }[] {
  return server.videoBodies.slice(1).map((body) => ({
    frame: readStamp(body)?.frame ?? -1,
    keyframe: parseVideoTagBody(body).keyframe,
  }))
}

describe('a publisher', () => {
  it('publishes as an encoder does, and takes its leave', async () => {
    const { publisher, server, counts } = await publish(300_000, 1_000_000)
    await waitFor('frames', () => server.videoBodies.length > 10)
    expect(server.commands).toEqual(['connect', 'releaseStream', 'FCPublish', 'createStream', 'publish'])
    expect(parseVideoTagBody(server.videoBodies[0] ?? new Uint8Array(0)).sequenceHeader).toBe(true)
    const frames = framesOf(server)
    expect(frames.map(({ frame }) => frame)).toEqual(frames.map((_, index) => index))
    expect(frames.map(({ keyframe }) => keyframe)).toEqual(frames.map((_, index) => index % 5 === 0))
    await publisher.end()
    await waitFor('the farewell', () => server.commands.includes('deleteStream'))
    expect(server.commands.slice(5)).toEqual(['FCUnpublish', 'deleteStream'])
    expect(counts).toMatchObject({ publishersAccepted: 1, publishersDisconnected: 0, messagesDropped: 0 })
    expect(counts.videoFramesSent).toBe(server.videoBodies.length - 1)
  })

  it('counts as refused when there is no answer within PUBLISH_TIMEOUT_MS', async () => {
    const listener = await listenTcp({ port: 0 }, 'a test', (socket) => {
      socket.on('error', () => {}).resume()
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
      return listener.close()
    })
    const context = contextFor(listener.address.port, 300_000, 1_000_000)
    const publisher = new Publisher(context, 'load')
    publisher.begin()
    vi.advanceTimersByTime(PUBLISH_TIMEOUT_MS)
    await publisher.answered
    expect(context.counters.counts).toMatchObject({ publishersBegun: 1, publishersRefused: 1 })
    await publisher.end()
  })

  it('drops messages up to a keyframe when the server takes nothing', async () => {
    const { server, counts } = await publish(80_000_000, 200_000)
    await waitFor('frames', () => server.videoBodies.length > 2)
    server.socket.pause()
    // Two GOPs: what is dropped first may be the audio before a keyframe, which leaves no gap in the pictures.
    await waitFor('dropped messages', () => counts.messagesDropped > 20)
    server.socket.resume()
    const jump = await waitFor('frames after the gap', () => {
      const frames = framesOf(server)
      const at = frames.findIndex(
        ({ frame }, index) => index > 0 && frame !== (frames[index - 1]?.frame ?? 0) + 1,
      )
      return frames[at]
    })
    expect(jump.keyframe).toBe(true)
    expect(counts.publishersDisconnected).toBe(0)
  })

  it('is disconnected when the server closes', async () => {
    const { server, counts } = await publish(300_000, 1_000_000)
    server.socket.destroy()
    await waitFor('the disconnection', () => counts.publishersDisconnected === 1)
    expect(counts).toMatchObject({ publishersAccepted: 1, publishersRefused: 0 })
  })
})
