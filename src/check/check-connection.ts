import type { Socket } from 'node:net'
import { LimitError, ServerError, toError } from '../base/index.ts'
import type { Amf0Object, Amf0Value } from '../media/index.ts'
import { connectTcp, SocketSink } from '../net/index.ts'
import {
  ChunkReader,
  ChunkWriter,
  ClientHandshake,
  type Command,
  decodeCommand,
  encodeCommand,
  type HandshakeKind,
  type Message,
  MessageType,
} from '../rtmp/index.ts'
import { ProbeFailure } from './probe.ts'
import type { CheckTarget } from './target.ts'

/** Received messages that are kept for looking at; more than a probe ever looks at. */
export const MAX_KEPT_MESSAGES = 5_000
/** What a server may send on one connection; the largest probe has it send 12 MiB. */
export const MAX_CONNECTION_RECEIVED_BYTES: number = 32 * 1024 * 1024
const READ_BUFFER_BYTES = 64 * 1024

/** What a connection is made with. */
export type CheckConnectionSetup = Readonly<{
  /** Where to. */
  target: CheckTarget
  /** An IP address of the target's host. */
  address: string
  /** Whatever is waited for fails after so long, ms. */
  timeoutMs: number
  /** A server that sends more on one connection is cut off, bytes. */
  maxReceivedBytes: number
}>

/**
 * One connection to the server that is checked: does what an encoder or player does, and whatever else a probe asks for,
 * down to single bytes. What is waited for and does not come is a `ProbeFailure` that says what.
 */
export class CheckConnection {
  /** Messages received so far, in order; the first `MAX_KEPT_MESSAGES`. */
  readonly messages: Message[] = []
  /** Writes messages; probes may set its chunk size without telling the server. */
  readonly writer: ChunkWriter = new ChunkWriter()
  readonly #setup: CheckConnectionSetup
  readonly #socket: Socket
  readonly #sink: SocketSink
  readonly #reader: ChunkReader = new ChunkReader((message) => this.#onMessage(message))
  readonly #listeners = new Set<() => void>()
  #handshakeBytes: Buffer | null = Buffer.alloc(0)
  #handshake: ClientHandshake | null = null
  #connected = false
  #closed = false
  #failure: Error | null = null
  #bytesReceived = 0
  #lastTransactionId = 0

  /** Begins to connect; `opened` waits for it. */
  constructor(setup: CheckConnectionSetup) {
    this.#setup = setup
    const buffer = new Uint8Array(READ_BUFFER_BYTES)
    const { address, target } = setup
    const onRead = (length: number): void => this.#onRead(buffer.subarray(0, length))
    this.#socket = connectTcp({ host: address, port: target.port, buffer, onRead })
    this.#sink = new SocketSink(this.#socket)
    this.#socket.once('connect', () => {
      this.#connected = true
      this.#changed()
    })
    this.#socket.on('error', (error) => {
      this.#failure ??= error
    })
    this.#socket.once('close', () => {
      this.#closed = true
      this.#changed()
    })
  }

  /** Whether the connection is over, by whomever. */
  get closed(): boolean {
    return this.#closed
  }

  /** Bytes received, the handshake included. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** Bytes handed over to be sent. */
  get bytesSent(): number {
    return this.#sink.bytesQueued
  }

  /** Whether the system takes no more bytes for now. */
  get blocked(): boolean {
    return this.#sink.blocked
  }

  /** What the server sent of its handshake as long as the probe makes it by hand. */
  get handshakeBytes(): Buffer {
    return this.#handshakeBytes ?? Buffer.alloc(0)
  }

  /** Commands received, decoded. */
  get commands(): Command[] {
    return this.messages.filter(isCommand).map(decodeCommand)
  }

  /** Audio and video received; aggregates are not taken apart. */
  get media(): Message[] {
    return this.messages.filter(({ type }) => type === MessageType.audio || type === MessageType.video)
  }

  /** Waits for the TCP connection. */
  async opened(): Promise<void> {
    await this.waitFor('a TCP connection', () => this.#connected || null)
  }

  /** Makes the handshake, in the kind that is asked for; returns the kind that the server answered in. */
  async shakeHands(kind: HandshakeKind = 'simple'): Promise<HandshakeKind> {
    const handshake = new ClientHandshake({ kind })
    this.#handshake = handshake
    this.#handshakeBytes = null
    this.write(handshake.opening)
    await this.waitFor('the end of the handshake', () => this.#handshake === null || null)
    return handshake.kind ?? 'simple'
  }

  /** The probe made the handshake by hand: from here on messages come. @param bytes of the server's handshake */
  beginMessages(bytes: number): void {
    const rest = this.handshakeBytes.subarray(bytes)
    this.#handshakeBytes = null
    this.#reader.push(rest)
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#sink.write(bytes)
  }

  /** Sends messages with `writer`, in one write. */
  send(...messages: readonly Message[]): void {
    this.write(Buffer.concat(messages.map((message) => this.writer.encode(message))))
  }

  /** Sends a command and waits for nothing; returns its transaction id. */
  command(name: string, values: readonly Amf0Value[], streamId = 0): number {
    const id = ++this.#lastTransactionId
    this.send(encodeCommand(name, id, values, streamId, streamId === 0 ? 3 : 8))
    return id
  }

  /** Sends a command and waits for its `_result`, or fails with the `_error`. */
  async call(name: string, values: readonly Amf0Value[], streamId = 0): Promise<Command> {
    const id = this.command(name, values, streamId)
    return await this.result(name, id)
  }

  /** Waits for the answer to a command that was sent. */
  async result(name: string, transactionId: number): Promise<Command> {
    const answer = await this.waitForCommand(
      `an answer to ${name}`,
      (command) => /^_(result|error)$/.test(command.name) && command.transactionId === transactionId,
    )
    if (answer.name === '_error') {
      throw new ProbeFailure(`${name} was answered with _error: ${describeStatus(answer)}`)
    }
    return answer
  }

  /** Sends connect and waits for its result. @param more properties over the ones that every client sends */
  async connectApp(more: Amf0Object = {}): Promise<Command> {
    const { app, tcUrl } = this.#setup.target
    const object = { app, type: 'nonprivate', flashVer: 'FMLE/3.0 (compatible; FMSc/1.0)', tcUrl, ...more }
    return await this.call('connect', [object])
  }

  /** Creates a message stream; returns its id. */
  async createStream(): Promise<number> {
    const { args } = await this.call('createStream', [null])
    if (typeof args[0] !== 'number') {
      throw new ProbeFailure('the result of createStream has no stream id')
    }
    return args[0]
  }

  /** Waits for the status that a publish or play begins with; fails with the refusal. */
  async started(what: 'Publish' | 'Play', from = 0): Promise<void> {
    const wanted = `NetStream.${what}.Start`
    const answer = await this.waitForCommand(
      wanted,
      (command) =>
        statusCode(command) === wanted || statusLevel(command) === 'error' || command.name === '_error',
      from,
    )
    if (statusCode(answer) !== wanted) {
      throw new ProbeFailure(`${what.toLowerCase()} was refused: ${describeStatus(answer)}`)
    }
  }

  /** Waits for a command, one that came already included. @param from index into `messages` */
  async waitForCommand(what: string, matches: (command: Command) => boolean, from = 0): Promise<Command> {
    return await this.waitFor(what, () => {
      const found = this.messages.slice(from).filter(isCommand).map(decodeCommand).find(matches)
      return found ?? null
    })
  }

  /** Waits until `find` gives something; fails if the server closes or the time is over first. */
  async waitFor<T>(
    what: string,
    find: () => T | null,
    timeoutMs: number = this.#setup.timeoutMs,
  ): Promise<T> {
    const found = await this.#wait(find, timeoutMs)
    if (found !== null) {
      return found
    }
    throw new ProbeFailure(
      this.#closed ? `closed${this.#reason()} before it came: ${what}` : `not in ${timeoutMs} ms: ${what}`,
    )
  }

  /** Waits for the server to close; false if it does not in time. */
  async closedByServer(timeoutMs: number = this.#setup.timeoutMs): Promise<boolean> {
    return (await this.#wait(() => this.#closed || null, timeoutMs)) ?? false
  }

  /** Whether the connection is still open after so long; for what must not end it. */
  async staysOpen(forMs: number): Promise<boolean> {
    return !(await this.closedByServer(forMs))
  }

  /** Holds what is written back until `release`, so that it goes out in one packet. */
  hold(): void {
    this.#sink.cork()
  }

  /** Sends what was held back. */
  release(): void {
    this.#sink.uncork()
  }

  /** Reads nothing any more, so that what the server sends backs up. */
  pauseReading(): void {
    this.#socket.pause()
  }

  /** Closes at once. Idempotent. */
  close(): void {
    this.#socket.destroy()
  }

  async #wait<T>(find: () => T | null, timeoutMs: number): Promise<T | null> {
    return await new Promise<T | null>((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        outcome()
      }
      const look = (): void => {
        try {
          const found = find()
          if (found !== null || this.#closed) {
            settle(() => resolve(found))
          }
        } catch (error) {
          settle(() => reject(error))
        }
      }
      const timer = setTimeout(() => settle(() => resolve(null)), timeoutMs)
      this.#listeners.add(look)
      look()
    })
  }

  #onRead(bytes: Uint8Array): void {
    this.#bytesReceived += bytes.length
    try {
      const { maxReceivedBytes } = this.#setup
      if (this.#bytesReceived > maxReceivedBytes) {
        throw new LimitError('MAX_CONNECTION_RECEIVED_BYTES', maxReceivedBytes, this.#bytesReceived)
      }
      this.#take(bytes)
    } catch (error) {
      this.#failure ??= new ServerError(
        'ERR_PROTOCOL',
        `what the server sent can't be read: ${toError(error).message}`,
      )
      this.#socket.destroy()
    }
    this.#changed()
  }

  #take(bytes: Uint8Array): void {
    if (this.#handshakeBytes !== null) {
      this.#handshakeBytes = Buffer.concat([this.#handshakeBytes, bytes])
      return
    }
    if (this.#handshake === null) {
      this.#reader.push(bytes)
      return
    }
    const { send, done, rest } = this.#handshake.push(bytes)
    if (send !== null) {
      this.write(send)
    }
    if (done) {
      this.#handshake = null
      this.#reader.push(rest)
    }
  }

  #onMessage(message: Message): void {
    if (this.messages.length < MAX_KEPT_MESSAGES) {
      this.messages.push(message)
    }
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) {
      listener()
    }
  }

  #reason(): string {
    return this.#failure === null ? ' by the server' : ` (${this.#failure.message})`
  }
}

function isCommand({ type }: Message): boolean {
  return type === MessageType.commandAmf0 || type === MessageType.commandAmf3
}

/** The `code` of a status or result, whichever of its values has one; '' if none does. */
export function statusCode(command: Command): string {
  return informationOf(command, 'code')
}

/** The `level` of a status; '' if it has none. */
export function statusLevel(command: Command): string {
  return informationOf(command, 'level')
}

/** Name, code and description of a command, for people. */
export function describeStatus(command: Command): string {
  const words = [command.name, statusCode(command), informationOf(command, 'description')]
  return words.filter((word) => word !== '').join(' ')
}

function informationOf({ args }: Command, property: string): string {
  for (const value of args) {
    const text = typeof value === 'object' && value !== null ? (value as Amf0Object)[property] : undefined
    if (typeof text === 'string') {
      return text
    }
  }
  return ''
}
