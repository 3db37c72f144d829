import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { SocketSink } from '../../../net/index.ts'
import {
  ChunkReader,
  ChunkWriter,
  encodeSetChunkSize,
  type Message,
  MessageType,
  noRtmpCapabilities,
  type RtmpCapabilities,
  type RtmpPublisherOptions,
} from '../../../rtmp/index.ts'
import type { ForwardConnect } from '../forward-output.ts'
import type { ForwardConnection } from '../forward-session.ts'

const CHUNK_SIZE = 60_000
const HIGH_WATER_MARK_BYTES = 16 * 1024

/** A socket whose other end takes everything until it is told not to. */
class FakeSocket extends Duplex {
  takes = true
  readonly #onBytes: (bytes: Uint8Array) => void
  #waiting: (() => void)[] = []

  constructor(onBytes: (bytes: Uint8Array) => void) {
    super({ writableHighWaterMark: HIGH_WATER_MARK_BYTES })
    this.#onBytes = onBytes
  }

  unblock(): void {
    this.takes = true
    for (const goOn of this.#waiting.splice(0)) {
      goOn()
    }
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    const finish = (): void => {
      this.#onBytes(chunk)
      done()
    }
    if (this.takes) {
      finish()
    } else {
      this.#waiting.push(finish)
    }
  }

  override _read(): void {}

  setNoDelay(): this {
    return this
  }
}

/** A connection to a fake destination, which keeps the messages that come. */
export class FakeConnection implements ForwardConnection {
  readonly chunkSize: number = CHUNK_SIZE
  readonly streamId: number = 1
  readonly capabilities: RtmpCapabilities
  /** What was told at connect. */
  readonly options: RtmpPublisherOptions
  readonly messages: Message[] = []
  readonly sink: SocketSink
  readonly closed: Promise<Error | null>
  /** It was unpublished, and closed. */
  isClosed = false
  readonly #socket: FakeSocket
  readonly #end: (error: Error | null) => void

  constructor(options: RtmpPublisherOptions, capabilities: RtmpCapabilities) {
    this.options = options
    this.capabilities = capabilities
    const reader = new ChunkReader((message) => {
      if (message.type !== MessageType.setChunkSize) {
        this.messages.push(message)
      }
    })
    reader.push(new ChunkWriter().encode(encodeSetChunkSize(CHUNK_SIZE)))
    this.#socket = new FakeSocket((bytes) => reader.push(bytes))
    this.sink = new SocketSink(this.#socket as unknown as Socket)
    const { promise, resolve } = Promise.withResolvers<Error | null>()
    this.closed = promise
    this.#end = resolve
  }

  /** Bytes that wait in this process. */
  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  /** The other end takes nothing. */
  block(): void {
    this.#socket.takes = false
  }

  /** The other end takes everything again. */
  unblock(): void {
    this.#socket.unblock()
  }

  /** The other end closes. */
  lose(error: Error | null = null): void {
    this.#socket.destroy()
    this.#end(error)
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.#socket.destroy()
    this.#end(null)
  }
}

/** A destination that does as it is told. */
export class FakeDestination {
  /** Everybody who was let in. */
  readonly connections: FakeConnection[] = []
  attempts = 0
  /** Of the newest attempt. */
  signal: AbortSignal | undefined
  capabilities: RtmpCapabilities = noRtmpCapabilities
  /** Called at each attempt; what it throws refuses. */
  onAttempt: () => void | Promise<void> = () => {}
  /** Called with each who is let in. */
  onConnection: (connection: FakeConnection) => void = () => {}

  /** Publishes there. */
  readonly connect: ForwardConnect = async (_target, options) => {
    this.attempts++
    this.signal = options.signal
    await this.onAttempt()
    options.signal?.throwIfAborted()
    const connection = new FakeConnection(options, this.capabilities)
    this.connections.push(connection)
    this.onConnection(connection)
    return connection
  }

  /** The newest. @throws Error if nobody was let in */
  get connection(): FakeConnection {
    const connection = this.connections.at(-1)
    if (connection === undefined) {
      throw new Error('nobody has connected')
    }
    return connection
  }
}
