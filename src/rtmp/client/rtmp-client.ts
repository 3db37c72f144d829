import type { Socket } from 'node:net'
import { ClosedError, ProtocolError, ServerError, TimeoutError, toError } from '../../base/index.ts'
import type { Amf0Object, Amf0Value } from '../../media/index.ts'
import { openConnection, type SocketSink } from '../../net/index.ts'
import { decodeCapabilities, type RtmpCapabilities } from '../capabilities.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import { ClientHandshake } from '../handshake/index.ts'
import {
  type Command,
  decodeCommand,
  encodeCommand,
  encodeWindowAcknowledgementSize,
} from '../message/index.ts'
import { RtmpTransport, type TransportOwner } from '../transport.ts'
import { connectObject } from './connect-object.ts'
import { RtmpRefusedError } from './errors.ts'
import { defaultRtmpClientOptions, type RtmpClientOptions } from './options.ts'
import { RECONNECT_REQUEST, type RtmpStatus, readStatus, refusalOf } from './status.ts'
import type { RtmpTarget } from './target.ts'

/** What the server is told to acknowledge after, bytes; SRS says the same. */
const ACKNOWLEDGEMENT_WINDOW_BYTES = 2_500_000

/** What is done with a client's connection once it stands. */
export interface RtmpClientOwner {
  /** Audio, video, data, or several of them in an aggregate. While a returned promise is pending the server is not read from. */
  onMedia(message: Message): Promise<void> | undefined
  /** A status that is no answer and no refusal, e.g. 'NetStream.Play.UnpublishNotify'. */
  onStatus(status: RtmpStatus): void
  /** The connection is gone; null for an ordinary end. Called once. */
  onClose(error: Error | null): void
}

/** Something the server is to say. */
type Wait = Readonly<{
  /** What was asked for; stands in errors. */
  what: string
  /** Whether a command is the answer, yes or no. */
  matches(command: Command): boolean
  resolve(answer: Command): void
  reject(error: Error): void
}>

/** What `_result` of connect said. */
export type RtmpConnectResult = Readonly<{
  /** E.g. the server's version, `fmsVer`; null if it said nothing of itself. */
  properties: Amf0Object | null
  /** What it knows of Enhanced RTMP. */
  capabilities: RtmpCapabilities
  /** Its status. */
  status: RtmpStatus
}>

/**
 * A client's connection to an RTMP server, up to its commands: handshake, connect, message streams. What is published or
 * played on it is its owner's: `RtmpPublisher` and `RtmpPlayer`.
 */
export class RtmpClient implements TransportOwner {
  /** Resolves when the connection is gone, by whomever: with why, or null for an ordinary end. */
  readonly closed: Promise<Error | null>
  /** Told of what nobody waits for; set before something is published or played. */
  owner: RtmpClientOwner | null = null
  readonly #target: RtmpTarget
  readonly #options: RtmpClientOptions
  readonly #transport: RtmpTransport
  readonly #waits = new Set<Wait>()
  readonly #resolveClosed: (error: Error | null) => void
  readonly #onAbort = (): void => this.destroy(toError(this.#options.signal?.reason))
  #lastTransactionId = 0
  #connectResult: RtmpConnectResult | null = null
  #closing = false
  #failure: Error | null = null

  private constructor(socket: Socket, target: RtmpTarget, options: RtmpClientOptions) {
    this.#target = target
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<Error | null>()
    this.closed = promise
    this.#resolveClosed = resolve
    const kind = options.handshake ?? defaultRtmpClientOptions.handshake
    const handshake = new ClientHandshake({ kind })
    this.#transport = new RtmpTransport(socket, this, handshake)
    this.#transport.sink.write(handshake.opening)
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /**
   * Connects to an application: TCP or TLS, handshake, connect. Nothing is left behind if it fails.
   * @throws RtmpRefusedError if the server says no, TimeoutError if it takes longer than the option that the message names,
   * ServerError ERR_CONNECTION if the connection can't be had or ends, ProtocolError if the server does not speak RTMP
   */
  static async connect(target: RtmpTarget, options: RtmpClientOptions = {}): Promise<RtmpClient> {
    const { host, port } = target
    const socket = await openConnection({
      host,
      port,
      tls: target.tls ? (options.tls ?? {}) : null,
      timeoutMs: options.connectTimeoutMs ?? defaultRtmpClientOptions.connectTimeoutMs,
      signal: options.signal,
    })
    const client = new RtmpClient(socket, target, options)
    try {
      // It may have been aborted just when there was a connection.
      options.signal?.throwIfAborted()
      await client.#waitFor(HANDSHAKE, () => false, 'handshakeTimeoutMs')
      await client.#connect()
      return client
    } catch (error) {
      client.destroy(toError(error))
      await client.closed
      throw error
    }
  }

  /** What the server said to connect; null before. */
  get connectResult(): RtmpConnectResult | null {
    return this.#connectResult
  }

  /** Chunk size of what is sent, bytes. */
  get chunkSize(): number {
    return this.#transport.chunkSize
  }

  /** The writing end. */
  get sink(): SocketSink {
    return this.#transport.sink
  }

  /** Bytes received since the start, handshake included. */
  get bytesReceived(): number {
    return this.#transport.bytesReceived
  }

  /**
   * Calls the server and waits for its `_result`.
   * @param values the command object, or null, first
   * @throws RtmpRefusedError for an `_error`; and what `connect` throws
   */
  async call(name: string, values: readonly Amf0Value[], streamId: number = 0): Promise<Command> {
    const transactionId = ++this.#lastTransactionId
    const answer = this.#waitFor(name, (command) => isAnswer(command, transactionId))
    this.#transport.send(encodeCommand(name, transactionId, values, streamId))
    return await answer
  }

  /** Calls the server, which may answer what it likes: not every server knows releaseStream, and none must. */
  notify(name: string, values: readonly Amf0Value[], streamId: number = 0): void {
    this.#transport.send(encodeCommand(name, ++this.#lastTransactionId, values, streamId))
  }

  /**
   * Makes a message stream; what is published or played needs one (Adobe RTMP 1.0, 7.2.1.3).
   * @returns its id
   * @throws as `call`; ProtocolError if the answer has no id
   */
  async createStream(): Promise<number> {
    const { args } = await this.call('createStream', [null])
    const [streamId] = args
    if (typeof streamId !== 'number' || !(streamId >= 0 && streamId <= 0xffffffff)) {
      throw new ProtocolError('the answer to createStream has no message stream id')
    }
    return streamId
  }

  /**
   * Sends publish or play and waits until the server says that it begins.
   * @param status code of the onStatus that says so
   * @throws RtmpRefusedError if the server says no; and what `connect` throws
   */
  async start(
    name: 'publish' | 'play',
    args: readonly Amf0Value[],
    streamId: number,
    status: string,
  ): Promise<void> {
    const started = this.#waitFor(name, (command) => isStatus(command, status))
    this.notify(name, [null, ...args], streamId)
    await started
  }

  /** Sends any message. After the end it is dropped. */
  send(message: Message): void {
    this.#transport.send(message)
  }

  /** Sends media; see `RtmpTransport.sendMedia`. */
  sendMedia(message: Message): boolean {
    return this.#transport.sendMedia(message)
  }

  /** Ends with a TimeoutError when the server says nothing for so long, ms; 0 waits for ever. */
  setIdleTimeout(timeoutMs: number, what: string): void {
    this.#transport.setIdleTimeout(timeoutMs, what)
  }

  /** Ends the connection after what was sent has gone out, and waits for that. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true
    this.#transport.close(null)
    await this.closed
  }

  /** Like `close`, and makes sure that the server gets all that was sent, if it takes it; see `SocketSink.finish`. */
  async finish(): Promise<void> {
    this.#closing = true
    this.#transport.finish()
    await this.closed
  }

  /** Ends the connection at once; `error` says why. Idempotent. */
  destroy(error: Error): void {
    this.#failure ??= error
    this.#closing = true
    this.#transport.destroy(null)
  }

  /** The server's end of the handshake is there. */
  onHandshake(_kind: string): void {
    this.#find(({ what }) => what === HANDSHAKE)?.resolve(NO_COMMAND)
  }

  /** A message of the server. */
  onMessage(message: Message): Promise<void> | undefined {
    switch (message.type) {
      case MessageType.audio:
      case MessageType.video:
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
      case MessageType.aggregate:
        // Some servers begin to play without a word.
        this.#find(({ what }) => what === 'play')?.resolve(NO_COMMAND)
        return this.owner?.onMedia(message)
      case MessageType.commandAmf0:
      case MessageType.commandAmf3:
        this.#onCommand(decodeCommand(message))
    }
    return undefined
  }

  /** The connection is gone: whoever waits is told. */
  onClosed(found: Error | null): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    // How a connection ends that was to end is of no interest.
    const error = this.#failure ?? (found === null || this.#closing ? null : asLost(found))
    for (const { what, reject } of [...this.#waits]) {
      reject(error ?? this.#endDuring(what))
    }
    this.#resolveClosed(error)
    this.owner?.onClose(error)
  }

  async #connect(): Promise<void> {
    const { connectArguments = [] } = this.#options
    const answer = await this.call('connect', [
      connectObject(this.#target, this.#options),
      ...connectArguments,
    ])
    const status = readStatus(answer)
    if (status.level === 'error') {
      throw new RtmpRefusedError(refusalOf('connect', status))
    }
    this.#connectResult = {
      properties: answer.object,
      capabilities: decodeCapabilities(answer.object),
      status,
    }
    this.#transport.send(encodeWindowAcknowledgementSize(ACKNOWLEDGEMENT_WINDOW_BYTES))
    this.#transport.setChunkSize(this.#options.chunkSize ?? defaultRtmpClientOptions.chunkSize)
  }

  /** Resolves with the answer; rejects when the server refuses, takes too long or is gone. */
  #waitFor(
    what: string,
    matches: (command: Command) => boolean,
    limit: 'answerTimeoutMs' | 'handshakeTimeoutMs' = 'answerTimeoutMs',
  ): Promise<Command> {
    return new Promise((resolve, reject) => {
      if (this.#transport.closed) {
        reject(this.#failure ?? this.#endDuring(what))
        return
      }
      const timeoutMs = this.#options[limit] ?? defaultRtmpClientOptions[limit]
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#waits.delete(wait)
        settle()
      }
      const wait: Wait = {
        what,
        matches,
        resolve: (answer) => finish(() => resolve(answer)),
        reject: (error) => finish(() => reject(error)),
      }
      const timer = setTimeout(
        () => wait.reject(new TimeoutError(`no answer to ${what} within ${timeoutMs} ms (${limit})`)),
        timeoutMs,
      )
      this.#waits.add(wait)
    })
  }

  #find(matches: (wait: Wait) => boolean): Wait | undefined {
    return this.#waits.size === 0 ? undefined : [...this.#waits].find(matches)
  }

  #onCommand(command: Command): void {
    const { name } = command
    const status = readStatus(command)
    if (name === 'close' || (name === 'onStatus' && status.level === 'error')) {
      this.#refused(status)
      return
    }
    const wait = this.#find(({ matches }) => matches(command))
    if (wait !== undefined && name === '_error') {
      wait.reject(new RtmpRefusedError(refusalOf(wait.what, status)))
    } else if (wait !== undefined) {
      wait.resolve(command)
    } else if (name === 'onStatus') {
      this.#onStatus(status)
    }
  }

  #onStatus(status: RtmpStatus): void {
    const { code, description, information } = status
    if (code === RECONNECT_REQUEST) {
      const tcUrl = information?.tcUrl
      this.#options.onReconnectRequest?.({ tcUrl: typeof tcUrl === 'string' ? tcUrl : null, description })
    } else {
      this.owner?.onStatus(status)
    }
  }

  /** Whoever waits is refused; if nobody does, the server ended what goes on. */
  #refused(status: RtmpStatus): void {
    const waits = [...this.#waits]
    for (const wait of waits) {
      wait.reject(new RtmpRefusedError(refusalOf(wait.what, status)))
    }
    if (waits.length === 0) {
      this.destroy(new RtmpRefusedError(refusalOf('to go on', status)))
    }
  }

  #endDuring(what: string): Error {
    if (this.#closing) {
      return new ClosedError('the connection is closed')
    }
    return new ServerError(
      'ERR_CONNECTION',
      `the server closed the connection during ${what}, without a reason; some servers refuse so`,
    )
  }
}

const HANDSHAKE = 'the handshake'

/** Stands for an answer that is no command. */
const NO_COMMAND: Command = { name: '', transactionId: 0, object: null, args: [], streamId: 0 }

/** What is not of our own making is the network's. */
function asLost(error: Error): Error {
  if (error instanceof ServerError) {
    return error
  }
  return new ServerError('ERR_CONNECTION', `the connection was lost: ${error.message}`, { cause: error })
}

function isAnswer({ name, transactionId }: Command, expected: number): boolean {
  return (name === '_result' || name === '_error') && transactionId === expected
}

function isStatus(command: Command, code: string): boolean {
  return command.name === 'onStatus' && readStatus(command).code === code
}
