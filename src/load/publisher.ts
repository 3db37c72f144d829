import type { Socket } from 'node:net'
import { toError } from '../base/index.ts'
import { connectTcp, SocketSink, type TlsClientOptions } from '../net/index.ts'
import { type Command, decodeCommand, encodeCommand, type Message, MessageType } from '../rtmp/index.ts'
import type { LoadCounters } from './counters.ts'
import { encodeConnect, refusalOf, statusOf } from './rtmp-play.ts'
import { announceChunkSize, RtmpWire, type RtmpWireOwner } from './rtmp-wire.ts'
import { machineNow } from './stamp.ts'
import { type SyntheticMedia, type SyntheticPacket, SyntheticStream } from './synthetic-stream.ts'
import type { LoadTarget } from './target.ts'

/** What the publishers of a process share. */
export type PublisherContext = Readonly<{
  /** Where they publish, apart from the stream's name. */
  target: LoadTarget
  /** IP address of the target's host. */
  address: string
  /** How the server is believed; null without TLS. */
  tls: TlsClientOptions | null
  /** Every read of every publisher goes here. */
  buffer: Uint8Array
  /** Where they count. */
  counters: LoadCounters
  /** What they send. */
  media: SyntheticMedia
  /** When more than this waits for a server that takes nothing, messages are dropped up to a keyframe, bytes. */
  maxWaitingBytes: number
}>

/** A publisher that has no answer after so long counts as refused, ms. */
export const PUBLISH_TIMEOUT_MS = 10_000

const CREATE_STREAM_TRANSACTION = 4

/** Chunk streams as encoders use them. */
const CHANNELS = {
  audio: { type: MessageType.audio, chunkStreamId: 4 },
  video: { type: MessageType.video, chunkStreamId: 6 },
  data: { type: MessageType.dataAmf0, chunkStreamId: 4 },
} as const

/** One encoder: publishes a synthetic stream by RTMP, in real time. */
export class Publisher implements RtmpWireOwner {
  /** Resolves when the server said yes or no, or is not going to say anything. */
  readonly answered: Promise<void>
  readonly #context: PublisherContext
  readonly #name: string
  readonly #stream: SyntheticStream
  readonly #wire: RtmpWire
  #socket: Socket | null = null
  #sink: SocketSink | null = null
  #state: 'asking' | 'publishing' | 'over' = 'asking'
  #onAnswer: (() => void) | null = null
  #onClosed: (() => void) | null = null
  #timer: NodeJS.Timeout | undefined
  #messageStreamId = 0
  #startMs = 0
  #dropping = false

  /** @param name of the stream; the application is that of the context's target */
  constructor(context: PublisherContext, name: string) {
    this.#context = context
    this.#name = name
    this.#stream = new SyntheticStream(context.media)
    this.#wire = new RtmpWire((bytes) => this.#write(bytes), this)
    this.answered = new Promise((resolve) => {
      this.#onAnswer = resolve
    })
  }

  /** Connects, and publishes as soon as the server says yes. */
  begin(): void {
    const { target, address, tls, buffer, counters } = this.#context
    counters.counts.publishersBegun++
    const socket = connectTcp({
      host: address,
      port: target.port,
      tls,
      onConnect: () => this.#wire.begin(),
      buffer,
      onRead: (length) => this.#onRead(length),
    })
    this.#socket = socket
    this.#sink = new SocketSink(socket)
    socket.on('error', (error: NodeJS.ErrnoException) => this.#onEnd(error.code ?? error.message))
    socket.once('close', () => {
      this.#onEnd('the server closed the connection')
      this.#onClosed?.()
    })
    this.#timer = setTimeout(() => this.#onEnd('no answer to publish'), PUBLISH_TIMEOUT_MS)
  }

  /** Unpublishes as encoders do; resolves when the connection is closed. */
  async end(): Promise<void> {
    const socket = this.#socket
    const wasPublishing = this.#state === 'publishing'
    this.#state = 'over'
    clearTimeout(this.#timer)
    this.#onAnswer?.()
    if (socket === null || socket.closed) {
      return
    }
    const closed = new Promise<void>((resolve) => {
      this.#onClosed = resolve
    })
    if (wasPublishing) {
      this.#wire.send(
        encodeCommand('FCUnpublish', 6, [null, this.#name]),
        encodeCommand('deleteStream', 7, [null, this.#messageStreamId]),
      )
      this.#sink?.end()
    } else {
      socket.destroy()
    }
    await closed
  }

  onReady(): Message[] {
    const name = `${this.#name}${this.#context.target.query}`
    return [
      announceChunkSize(),
      encodeConnect(this.#context.target),
      encodeCommand('releaseStream', 2, [null, name]),
      encodeCommand('FCPublish', 3, [null, name]),
      encodeCommand('createStream', CREATE_STREAM_TRANSACTION, [null]),
    ]
  }

  onMessage(message: Message): void {
    if (message.type === MessageType.commandAmf0 || message.type === MessageType.commandAmf3) {
      this.#onCommand(decodeCommand(message))
    }
  }

  #onCommand(command: Command): void {
    const { name, transactionId, args } = command
    // Not every server knows releaseStream and FCPublish, and its errors about them mean nothing.
    const matters = name !== '_error' || transactionId === 1 || transactionId >= CREATE_STREAM_TRANSACTION
    const refusal = matters ? refusalOf(command) : null
    if (refusal !== null) {
      this.#onEnd(refusal)
    } else if (name === '_result' && transactionId === CREATE_STREAM_TRANSACTION) {
      this.#messageStreamId = Number(args[0])
      const stream = `${this.#name}${this.#context.target.query}`
      this.#wire.send(encodeCommand('publish', 5, [null, stream, 'live'], this.#messageStreamId))
    } else if (statusOf(command) === 'NetStream.Publish.Start' && this.#state === 'asking') {
      this.#start()
    }
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#state = 'publishing'
    this.#context.counters.counts.publishersAccepted++
    for (const packet of this.#context.media.prelude()) {
      this.#sendPacket(packet)
    }
    this.#startMs = machineNow()
    this.#sendDue()
    this.#onAnswer?.()
  }

  #sendDue(): void {
    const { counts, times } = this.#context.counters
    for (;;) {
      const now = machineNow()
      const untilDueMs = this.#startMs + this.#stream.dueMs - now
      if (untilDueMs > 0) {
        this.#timer = setTimeout(() => this.#sendDue(), Math.ceil(untilDueMs))
        return
      }
      const packet = this.#stream.next(now)
      if (this.#mustDrop(packet)) {
        counts.messagesDropped++
        continue
      }
      times.sendDelay.record(-untilDueMs)
      counts.videoFramesSent += packet.kind === 'video' ? 1 : 0
      this.#sendPacket(packet)
    }
  }

  /** Whether the server is so far behind that this is better left out. */
  #mustDrop(packet: SyntheticPacket): boolean {
    const isBehind = (this.#socket?.writableLength ?? 0) > this.#context.maxWaitingBytes
    this.#dropping = isBehind || (this.#dropping && !packet.keyframe)
    return this.#dropping
  }

  #sendPacket({ kind, timestampMs, body }: SyntheticPacket): void {
    const streamId = this.#messageStreamId
    // A timestamp past 32 bits is wrapped by the writer.
    this.#wire.send({ ...CHANNELS[kind], streamId, timestamp: timestampMs, payload: body })
  }

  #onRead(length: number): void {
    try {
      this.#wire.push(this.#context.buffer.subarray(0, length))
    } catch (error) {
      this.#onEnd(toError(error).message)
    }
  }

  #onEnd(reason: string): void {
    const { counters } = this.#context
    if (this.#state === 'over') {
      return
    }
    if (this.#state === 'asking') {
      counters.counts.publishersRefused++
    } else {
      counters.counts.publishersDisconnected++
    }
    counters.addReason(reason)
    this.#state = 'over'
    clearTimeout(this.#timer)
    this.#socket?.destroy()
    this.#onAnswer?.()
  }

  #write(bytes: Uint8Array): void {
    this.#context.counters.counts.bytesSent += bytes.length
    this.#sink?.write(bytes)
  }
}
