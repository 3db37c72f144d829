import { EventEmitter } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import {
  ChunkReader,
  ChunkWriter,
  ClientHandshake,
  encodeSetChunkSize,
  type HandshakeKind,
  type Message,
} from '../../src/rtmp/index.ts'
import { DEFAULT_WAIT_MS } from './wait.ts'

/** How a connection is made and kept. */
export type RtmpWireOptions = Readonly<{
  /** Kind of handshake. Default 'simple'. */
  handshake?: HandshakeKind
  /** Whatever is waited for fails after so long, ms. Default `DEFAULT_WAIT_MS`. */
  timeoutMs?: number
  /** Keep what is received in `messages`. Default true; waiting for messages works only with it. */
  keepMessages?: boolean
}>

/** Events of a connection. */
export type RtmpClientEvents = {
  /** A message came, of whatever type. */
  message: [message: Message]
  /** The connection is closed; the error is null for an ordinary end. */
  close: [error: Error | null]
}

/** The client was told no, or the connection ended, while it waited for something. */
export class RtmpClientError extends Error {}

/** The client's end of an RTMP connection up to the level of messages. `RtmpClient` adds the commands. */
export class RtmpWire extends EventEmitter<RtmpClientEvents> {
  /** All messages received so far, in order (protocol control included), unless `keepMessages` is false. */
  readonly messages: Message[] = []
  /** Resolves when the connection is closed, by whomever; the error is null for an ordinary end. */
  readonly closed: Promise<Error | null>
  readonly #socket: Socket
  readonly #options: RtmpWireOptions
  readonly #handshake: ClientHandshake
  readonly #writer = new ChunkWriter()
  readonly #reader: ChunkReader = new ChunkReader((message) => this.#onMessage(message))
  #handshakeDone = false
  #open = true
  #bytesReceived = 0

  /** Connects and begins the handshake; `handshaken` waits for its end. */
  constructor(url: URL, options: RtmpWireOptions) {
    super()
    this.setMaxListeners(0)
    this.#options = options
    this.#handshake = new ClientHandshake({ kind: options.handshake ?? 'simple' })
    this.#socket = connectTcp({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 1935) })
    this.#socket.setNoDelay(true)
    this.#socket.setMaxListeners(0)
    this.#socket.write(this.#handshake.opening)
    this.#socket.on('data', (bytes: Uint8Array) => this.#onData(bytes))
    let failure: Error | null = null
    this.#socket.on('error', (error) => {
      failure = error
    })
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#open = false
        this.emit('close', failure)
        resolve(failure)
      })
    })
  }

  /** True until the connection is closed. */
  get open(): boolean {
    return this.#open
  }

  /** Bytes received since the connection was opened. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /**
   * Waits for the end of the handshake.
   * @throws RtmpClientError if the server closes first or takes too long
   */
  async handshaken(): Promise<void> {
    await this.waitUntil('the handshake', () => this.#handshakeDone || null)
  }

  /** Bytes written since the connection was opened. */
  get bytesSent(): number {
    return this.#socket.bytesWritten
  }

  /** Sends any message. */
  send(message: Message): void {
    this.write(this.#writer.encode(message))
  }

  /** Sends any bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Announces and uses a chunk size. */
  setChunkSize(bytes: number): void {
    this.send(encodeSetChunkSize(bytes))
    this.#writer.chunkSize = bytes
  }

  /**
   * Waits for a message, one that came already included.
   * @param from index into `messages` to look from. Default 0
   * @throws RtmpClientError when the connection ends or the time is over first
   */
  async waitFor(what: string, matches: (message: Message) => boolean, from = 0): Promise<Message> {
    return this.waitUntil(what, () => this.messages.slice(from).find(matches) ?? null)
  }

  /**
   * Waits until `find` returns something else than null. It is asked now, after all that comes from the server, and at
   * last when the connection is closed.
   * @throws RtmpClientError when the connection ends or the time is over first
   */
  waitUntil<T>(what: string, find: () => T | null): Promise<T> {
    const timeoutMs = this.#options.timeoutMs ?? DEFAULT_WAIT_MS
    return new Promise<T>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#socket.off('data', look)
        this.off('close', onClose)
        settle()
      }
      const look = (): boolean => {
        const found = find()
        if (found !== null) {
          finish(() => resolve(found))
        }
        return found !== null
      }
      const fail = (reason: string): void =>
        finish(() => reject(new RtmpClientError(`waiting for ${what}: ${reason}`)))
      const onClose = (error: Error | null): void => {
        if (!look()) {
          fail(`the connection was closed${error === null ? '' : `: ${error.message}`}`)
        }
      }
      const timer = setTimeout(() => fail(`nothing within ${timeoutMs} ms`), timeoutMs)
      if (look()) {
        return
      }
      if (!this.#open) {
        fail('the connection is closed')
        return
      }
      // Behind the client's own listener, so that the bytes are taken apart already.
      this.#socket.on('data', look)
      this.on('close', onClose)
    })
  }

  /** All messages, those that came already first; ends when the connection does. Needs `keepMessages`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void> {
    for (let next = 0; ; next++) {
      while (this.messages.length === next && this.#open) {
        await this.#nextEvent()
      }
      const message = this.messages[next]
      if (message === undefined) {
        return
      }
      yield message
    }
  }

  /** Stops reading from the socket, so that the server's output backs up. */
  pauseReading(): void {
    this.#socket.pause()
  }

  /** Reads again. */
  resumeReading(): void {
    this.#socket.resume()
  }

  /** Ends the connection in an orderly way, after what was sent. */
  async end(): Promise<void> {
    this.#socket.end()
    await this.closed
  }

  /** Closes at once. Idempotent. */
  async destroy(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  /** Closes at once with a TCP reset, as a machine that vanished and came back does. */
  async reset(): Promise<void> {
    this.#socket.resetAndDestroy()
    await this.closed
  }

  #onData(bytes: Uint8Array): void {
    this.#bytesReceived += bytes.length
    try {
      this.#take(bytes)
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #take(bytes: Uint8Array): void {
    let rest = bytes
    if (!this.#handshakeDone) {
      const step = this.#handshake.push(bytes)
      if (step.send !== null) {
        this.#socket.write(step.send)
      }
      this.#handshakeDone = step.done
      rest = step.rest
    }
    this.#reader.push(rest)
  }

  #onMessage(message: Message): void {
    if (this.#options.keepMessages ?? true) {
      this.messages.push(message)
    }
    this.emit('message', message)
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.off('message', done)
        this.off('close', done)
        resolve()
      }
      this.on('message', done)
      this.on('close', done)
    })
  }
}
