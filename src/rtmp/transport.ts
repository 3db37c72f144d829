import type { Socket } from 'node:net'
import { ClosedError, LimitError, TimeoutError, toError } from '../base/index.ts'
import { readNow, readSocket, SocketSink } from '../net/index.ts'
import { AcknowledgementWindow } from './acknowledgement-window.ts'
import { ChunkReader, ChunkWriter, type Message, MessageType } from './chunk/index.ts'
import { type Handshake, ServerHandshake } from './handshake/index.ts'
import {
  decodeControlValue,
  decodeUserControl,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  UserControlEvent,
} from './message/index.ts'
import { PeerBandwidth } from './peer-bandwidth.ts'

/**
 * Bytes of replies that wait while the peer takes nothing. One that asks (pings, calls) and never reads is closed past it;
 * media does not count, its queue has its own bounds.
 */
export const MAX_WAITING_REPLY_BYTES: number = 64 * 1024

/**
 * Bytes, 64 more for each read, that are taken in while the owner makes up its mind; past it the peer is not read from.
 * Until then it is, so that one who leaves meanwhile is noticed. They wait unread: what they may hold depends on the answer.
 */
export const MAX_WAITING_MESSAGE_BYTES: number = 16 * 1024

/** What the owner of a transport is told. */
export interface TransportOwner {
  /** The handshake is done. `kind` is for the log. */
  onHandshake(kind: string): void
  /**
   * A message other than protocol control and ping requests. When a promise is returned, what follows waits for it, up to
   * `MAX_WAITING_MESSAGE_BYTES`, and then in the socket; a rejection closes the connection with that error.
   */
  onMessage(message: Message): Promise<void> | undefined
  /** For how long what the peer sends next may stay unread, ms, so that one read brings more. Default: 0. */
  readonly mayBeLateMs?: number
  /** The connection is closed, by whomever; `error` is null for an ordinary end by the peer. Called once. */
  onClosed(error: Error | null): void
}

/**
 * One end of an RTMP connection up to the level of messages: handshake, chunk stream, acknowledgements, pings. The server's
 * end and a client's differ in the handshake alone.
 */
export class RtmpTransport {
  /** The writing end; shared with the broadcast that a player joins. */
  readonly sink: SocketSink
  readonly #socket: Socket
  readonly #owner: TransportOwner
  /** Null once it is done, so that what it holds is let go. */
  #handshake: Handshake | null
  readonly #reader = new ChunkReader((message) => this.#onMessage(message))
  readonly #writer = new ChunkWriter()
  #closed = false
  #error: Error | null = null
  /** The owner has yet to settle its promise about a message; the reader holds what comes. */
  #busy = false
  readonly #acknowledgements = new AcknowledgementWindow()
  readonly #peerBandwidth = new PeerBandwidth()
  #bytesReceived = 0
  #waitingReplyBytes = 0
  /** Replies are held back until the end of this turn of the event loop. */
  #gathering = false
  #pongsReceived = 0
  #silence = ''
  #closeTimer: NodeJS.Timeout | undefined

  /**
   * @param socket owned from now on; not read from yet
   * @param handshake this end's; a client's opening is the caller's to write. Default: a server's
   */
  constructor(socket: Socket, owner: TransportOwner, handshake: Handshake = new ServerHandshake()) {
    this.#socket = socket
    this.#owner = owner
    this.#handshake = handshake
    this.sink = new SocketSink(socket)
    socket.on('error', (error: Error) => {
      this.#error ??= error
    })
    socket.on('timeout', () =>
      this.close(new TimeoutError(`${this.#silence} for ${this.#socket.timeout ?? 0} ms`)),
    )
    socket.on('close', () => this.#onClosed())
    readSocket(
      socket,
      (bytes) => this.#onData(bytes),
      () => this.#mayBeLateMs(),
    )
  }

  /** Chunk size of what is sent, bytes. */
  get chunkSize(): number {
    return this.#writer.chunkSize
  }

  /** Our address as the peer sees it; '' once the socket is closed. */
  get localAddress(): string {
    return this.#socket.localAddress ?? ''
  }

  /** Bytes received since the start, handshake included. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** Ping responses received so far. */
  get pongsReceived(): number {
    return this.#pongsReceived
  }

  /** Bytes handed to the socket so far. */
  get bytesQueued(): number {
    return this.sink.bytesQueued
  }

  /** The socket takes nothing for now. */
  get blocked(): boolean {
    return this.sink.blocked
  }

  /** Asks the peer to say that it is there (Adobe RTMP 1.0, 7.1.7); the time is sent, and not looked at when it returns. */
  ping(): void {
    this.send(encodeUserControl(UserControlEvent.pingRequest, Math.floor(performance.now()) % 2 ** 32))
  }

  /** True once nothing can be sent any more. */
  get closed(): boolean {
    return this.#closed
  }

  /** Sends a message; after a close it is dropped. */
  send(message: Message): void {
    if (this.#closed) {
      return
    }
    if (message.type === MessageType.windowAcknowledgementSize) {
      this.#peerBandwidth.onAnnounced(decodeControlValue(message.payload))
    }
    const bytes = this.#writer.encode(message)
    this.#waitingReplyBytes = this.sink.blocked ? this.#waitingReplyBytes + bytes.length : 0
    if (this.#waitingReplyBytes > MAX_WAITING_REPLY_BYTES) {
      this.destroy(
        new LimitError('MAX_WAITING_REPLY_BYTES', MAX_WAITING_REPLY_BYTES, this.#waitingReplyBytes),
      )
      return
    }
    this.#gather()
    if (!this.sink.write(bytes)) {
      this.#release()
    }
  }

  /**
   * Sends media: unlike the replies of `send`, what waits while the peer takes nothing is the caller's to bound.
   * @returns false if the socket takes no more for now (a drain listener of `sink` is told when it does), or the connection is closed
   */
  sendMedia(message: Message): boolean {
    return !this.#closed && this.sink.write(this.#writer.encode(message))
  }

  /** Announces and uses a chunk size for what is sent from now on. */
  setChunkSize(bytes: number): void {
    this.send(encodeSetChunkSize(bytes))
    this.#writer.chunkSize = bytes
  }

  /** Acknowledges what comes at least every so many bytes, whatever window the peer names; 0 leaves it to the peer. */
  set acknowledgementWindowBytes(bytes: number) {
    this.#acknowledgements.ownBytes = bytes
  }

  /** Whether the peer may send messages as large as media is; see `ChunkReader.takesMedia`. Default: true. */
  set takesMedia(takesMedia: boolean) {
    this.#reader.takesMedia = takesMedia
  }

  /** Whether the payloads of audio and video are only valid until `onMessage` returns; see `ChunkReader.lendsMedia`. Default: false. */
  set lendsMedia(lendsMedia: boolean) {
    this.#reader.lendsMedia = lendsMedia
  }

  /**
   * Closes with a TimeoutError when nothing comes (or goes) for so long; 0 waits for ever.
   * @param silence the error's words for it
   */
  setIdleTimeout(timeoutMs: number, silence: string = 'nothing came from the client'): void {
    this.#silence = silence
    this.#socket.setTimeout(timeoutMs)
  }

  /** Closes after what was sent has gone out. Idempotent; `error` says why, null for an ordinary end. */
  close(error: Error | null): void {
    if (this.#closed) {
      return
    }
    this.#stop()
    this.#error ??= error
    this.sink.end()
    // A peer that does not read, or reads a byte now and then, would keep the socket open for ever.
    this.#closeTimer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS).unref()
  }

  /** Ends in an ordinary way, and leaves it to the peer to close, so that it gets all that was sent; see `SocketSink.finish`. */
  finish(): void {
    if (!this.#closed) {
      this.#stop()
      this.sink.finish()
    }
  }

  /** Closes at once; what was not sent yet is dropped. */
  destroy(error: Error | null): void {
    this.close(error)
    this.sink.destroy()
  }

  /** The replies of one turn leave in one system call: a player that joins gets a dozen. */
  #gather(): void {
    if (!this.#gathering) {
      this.#gathering = true
      this.sink.cork()
      process.nextTick(() => this.#release())
    }
  }

  #release(): void {
    if (this.#gathering) {
      this.#gathering = false
      this.sink.uncork()
    }
  }

  /** Nothing more is sent, and what comes is dropped. */
  #stop(): void {
    this.#closed = true
    this.#socket.setTimeout(0)
    this.#socket.resume()
  }

  /** Reads at once what was left unread, as it might be late. */
  readNow(): void {
    readNow(this.#socket)
  }

  #onData(bytes: Uint8Array): void {
    if (this.#closed) {
      return
    }
    this.#bytesReceived += bytes.length
    try {
      this.#take(bytes)
    } catch (error) {
      // Whatever goes wrong with one client's bytes ends that client only; the owner logs it by its kind.
      this.destroy(toError(error))
    }
  }

  #mayBeLateMs(): number {
    return this.#busy || this.#closed || this.#handshake !== null ? 0 : (this.#owner.mayBeLateMs ?? 0)
  }

  #take(bytes: Uint8Array): void {
    const handshake = this.#handshake
    if (handshake === null) {
      this.#reader.push(bytes)
    } else {
      const { send, done, rest } = handshake.push(bytes)
      if (send !== null) {
        this.sink.write(send)
      }
      if (done) {
        this.#handshake = null
        this.#owner.onHandshake(handshake.kind ?? 'simple')
        this.#reader.push(rest)
      }
    }
    if (this.#reader.heldBytes > MAX_WAITING_MESSAGE_BYTES) {
      this.#socket.pause()
    }
    this.#acknowledge()
  }

  #acknowledge(): void {
    const due = this.#handshake === null ? this.#acknowledgements.due(this.#bytesReceived) : null
    if (due !== null) {
      this.send(encodeAcknowledgement(due))
    }
  }

  #onMessage(message: Message): void {
    if (this.#closed) {
      return
    }
    switch (message.type) {
      case MessageType.setChunkSize:
      case MessageType.abort:
      case MessageType.acknowledgement:
        return
      case MessageType.windowAcknowledgementSize:
        this.#acknowledgements.windowBytes = decodeControlValue(message.payload)
        return
      case MessageType.setPeerBandwidth:
        this.#onSetPeerBandwidth(message.payload)
        return
      case MessageType.userControl:
        this.#onUserControl(message)
        return
      default:
        this.#hand(message)
    }
  }

  #hand(message: Message): void {
    const pending = this.#owner.onMessage(message)
    if (pending !== undefined) {
      this.#waitFor(pending)
    }
  }

  #onSetPeerBandwidth(payload: Uint8Array): void {
    const window = this.#peerBandwidth.limit(decodeControlValue(payload), payload[4] ?? DYNAMIC_LIMIT)
    if (window !== null) {
      this.send(encodeWindowAcknowledgementSize(window))
    }
  }

  #onUserControl(message: Message): void {
    const { event, value } = decodeUserControl(message.payload)
    if (event === UserControlEvent.pingRequest) {
      this.send(encodeUserControl(UserControlEvent.pingResponse, value))
    } else if (event === UserControlEvent.pingResponse) {
      this.#pongsReceived++
    } else {
      this.#hand(message)
    }
  }

  #waitFor(pending: Promise<void>): void {
    this.#busy = true
    this.#reader.hold()
    pending.then(
      () => this.#goOn(),
      (error: unknown) => this.close(toError(error)),
    )
  }

  #goOn(): void {
    this.#busy = false
    if (this.#closed) {
      return
    }
    try {
      this.#reader.resume()
      if (this.#reader.heldBytes <= MAX_WAITING_MESSAGE_BYTES) {
        this.#socket.resume()
      }
    } catch (error) {
      this.destroy(toError(error))
    }
  }

  #onClosed(): void {
    this.#closed = true
    clearTimeout(this.#closeTimer)
    this.#owner.onClosed(this.#error)
  }
}

/** After a close, a peer gets so long to take its last bytes. */
const CLOSE_TIMEOUT_MS = 5_000

/** Limit type of a Set Peer Bandwidth that names none. */
const DYNAMIC_LIMIT = 2

/** An error for a connection that the server itself ends, e.g. when it closes. */
export function closedByServer(reason: string): Error {
  return new ClosedError(reason)
}
