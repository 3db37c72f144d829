import type { Socket } from 'node:net'
import { ClosedError, type Logger, listWith, ProtocolError, ServerError } from '../base/index.ts'
import { peerOf } from '../net/index.ts'
import { CapsEx } from './capabilities.ts'
import { ChangeBudget } from './change-budget.ts'
import { type Message, MessageType } from './chunk/index.ts'
import { DialectWatch } from './dialect-watch.ts'
import { type Command, decodeCommand, decodeUserControl, toAmf3Command } from './message/index.ts'
import { MessageStreams } from './message-streams.ts'
import { admit } from './server-admission.ts'
import { answerConnect, readConnect } from './server-connect.ts'
import { SessionDeadlines } from './server-deadlines.ts'
import type {
  NetStreamStatus,
  RtmpConnect,
  RtmpConnection,
  RtmpServerHandlers,
  RtmpStreamRequest,
} from './server-handlers.ts'
import type { RtmpSessionOptions, RtmpVhostOptions } from './server-options.ts'
import * as replies from './server-replies.ts'
import { closedByServer, RtmpTransport, type TransportOwner } from './transport.ts'
import { parseRtmpStream } from './url.ts'

/** What a session is made with. */
export type RtmpSessionSetup = Readonly<{
  /** Unique in this process; stands in the log. */
  id: string
  /** Owned by the session from now on. */
  socket: Socket
  /** What is done with the client. */
  handlers: RtmpServerHandlers
  /** Timeouts and sizes. */
  options: RtmpSessionOptions
  /** Those of the virtual host that a client asks for, as of now. Default: what `options` has of them. */
  vhostOptions?: (vhost: string) => RtmpVhostOptions
  /** Already bound to the connection's id. */
  logger: Logger
  /** Called once, when the connection is gone. */
  onClose(): void
}>

/**
 * One RTMP client at the server: takes its commands of the connection (NetConnection), and hands those of its message
 * streams (NetStream) on.
 */
export class RtmpServerSession implements TransportOwner, RtmpConnection {
  readonly #setup: RtmpSessionSetup
  readonly #transport: RtmpTransport
  readonly #address: string
  readonly #streams: MessageStreams
  readonly #deadlines: SessionDeadlines
  readonly #changes = new ChangeBudget()
  readonly #vhostOptions: (vhost: string) => RtmpVhostOptions
  #connect: RtmpConnect | null = null
  #saidFcPublish = false
  readonly #dialect = new DialectWatch()
  #closeListeners: readonly (() => void)[] = []
  #gone = false
  /** Answers go out as the command came that they are for. */
  #answersAmf3 = false

  /** Takes the socket over; everything else happens by itself. */
  constructor(setup: RtmpSessionSetup) {
    this.#setup = setup
    this.#address = peerOf(setup.socket).address
    this.#transport = new RtmpTransport(setup.socket, this)
    this.#transport.takesMedia = false
    this.#transport.lendsMedia = true
    this.#vhostOptions = setup.vhostOptions ?? (() => setup.options)
    this.#deadlines = new SessionDeadlines(this.#transport, setup.options, () =>
      this.#streams.all.some(({ mayBeSilent }) => mayBeSilent),
    )
    this.#streams = new MessageStreams({
      transport: this.#transport,
      handlers: setup.handlers,
      connection: this,
      answer: (message) => this.#answer(message),
      onChange: () => this.#updateDeadlines(),
    })
  }

  /** What virtual hosts say has changed: the time-outs of what is published now follow. */
  update(): void {
    if (!this.#transport.closed && this.#streams.all.some(({ publishes }) => publishes)) {
      this.#updateDeadlines()
    }
  }

  /** Ends the connection; idempotent. */
  close(reason: string): void {
    this.#transport.close(closedByServer(reason))
  }

  /** Reads at once what was left unread, as it might be late. */
  readNow(): void {
    this.#transport.readNow()
  }

  /** Bytes received since the start, handshake included. */
  get bytesReceived(): number {
    return this.#transport.bytesReceived
  }

  /** Bytes handed to the socket since the start. */
  get bytesSent(): number {
    return this.#transport.bytesQueued
  }

  /** Tells the client the reason, as an error of whatever it publishes or plays, and ends the connection. Idempotent. */
  disconnect(reason: string): void {
    for (const { id, publishes, plays } of this.#streams.all) {
      if (publishes || plays) {
        this.sendStatus(id, { level: 'error', code: 'NetStream.Failed', description: reason })
      }
    }
    this.close(reason)
  }

  /** Calls `listener` once the connection is gone, and what was published and played on it has ended; at once if it is gone. */
  onClose(listener: () => void): void {
    if (this.#gone) {
      listener()
    } else {
      this.#closeListeners = listWith(this.#closeListeners, listener)
    }
  }

  /** Tells the client something about a message stream. */
  sendStatus(streamId: number, status: NetStreamStatus): void {
    this.#transport.send(replies.statusOf(streamId, status))
  }

  /**
   * Asks the client to connect anew, if it announced that it follows such requests (Enhanced RTMP v2, `capsEx`); it is served
   * on until it leaves.
   * @param tcUrl where to, absolute or relative to its present one; that one if left out
   * @returns whether it was asked
   */
  requestReconnect(tcUrl: string | undefined, description: string): boolean {
    const capsEx = this.#connect?.capabilities.capsEx ?? 0
    if ((capsEx & CapsEx.reconnect) === 0 || this.#transport.closed) {
      return false
    }
    this.#transport.send(replies.reconnectRequest(tcUrl, description))
    return true
  }

  /** Ends the connection at once, without waiting for the client to take what was sent. */
  destroy(reason: string): void {
    this.#transport.destroy(closedByServer(reason))
  }

  /** The handshake is done; the client has `setupTimeoutMs` to say what it wants. */
  onHandshake(kind: string): void {
    this.#setup.logger.debug({ handshake: kind }, 'handshake done')
    this.#deadlines.onHandshake()
  }

  /** A message of the client. */
  onMessage(message: Message): Promise<void> | undefined {
    switch (message.type) {
      case MessageType.audio:
      case MessageType.video:
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
      case MessageType.aggregate:
        this.#streams.receiverOf(message.streamId)?.onMedia(message)
        return undefined
      case MessageType.commandAmf0:
      case MessageType.commandAmf3:
        this.#answersAmf3 = message.type === MessageType.commandAmf3
        return this.#onCommand(decodeCommand(message))
      case MessageType.userControl:
        // Nothing depends on it: SetBufferLength, answers to pings, and what only servers send.
        this.#setup.logger.debug(decodeUserControl(message.payload), 'user control')
        return undefined
      default:
        this.#setup.logger.debug(
          { type: message.type, bytes: message.payload.length },
          'message type ignored',
        )
        return undefined
    }
  }

  /** What is published need not be read at once if nobody waits for it, and is not taken for silence. */
  get mayBeLateMs(): number {
    return Math.min(this.#streams.mayBeLateMs, this.#deadlines.patienceMs / 4)
  }

  /** The connection is gone: whatever it published or played ends. */
  onClosed(error: Error | null): void {
    this.#deadlines.stop()
    const message = error === null ? 'the client closed the connection' : error.message
    this.#streams.disconnect(message)
    const fields = {
      address: this.#address,
      bytesReceived: this.#transport.bytesReceived,
      bytesSent: this.#transport.sink.bytesQueued,
    }
    if (error === null || error instanceof ClosedError || isSystemError(error)) {
      this.#setup.logger.info({ ...fields, reason: message }, 'connection closed')
    } else if (error instanceof ServerError) {
      this.#setup.logger.warn({ ...fields, code: error.code, reason: message }, 'connection closed')
    } else {
      this.#setup.logger.error({ ...fields, error }, 'connection closed by a fault of the server')
    }
    this.#gone = true
    const listeners = this.#closeListeners
    this.#closeListeners = []
    for (const listener of listeners) {
      listener()
    }
    this.#setup.onClose()
  }

  #onCommand(command: Command): Promise<void> | undefined {
    const { name, transactionId, streamId } = command
    this.#setup.logger.debug({ command: name, streamId }, 'command')
    this.#changes.count(name)
    this.#dialect.note(name)
    const connect = this.#connect
    if (name === 'connect') {
      return this.#onConnect(command)
    }
    if (connect === null) {
      throw new ProtocolError(`command '${name}' before connect`)
    }
    switch (name) {
      case 'createStream':
        this.#answer(replies.createStreamResult(transactionId, this.#streams.create().id))
        return undefined
      case 'releaseStream':
        this.#answer(replies.emptyResult(transactionId))
        return undefined
      case 'FCPublish':
        this.#saidFcPublish = true
        this.#answer(replies.emptyResult(transactionId))
        return undefined
      case 'FCSubscribe':
        this.#answerCall(transactionId)
        this.#answer(replies.fcSubscribed())
        return undefined
      case 'FCUnpublish':
        this.#onFcUnpublish(command)
        return undefined
      case 'deleteStream':
        this.#onDeleteStream(command)
        return undefined
      case 'publish':
        return this.#onPublish(command, connect)
      case 'play':
        return this.#onPlay(command, connect)
      case 'closeStream':
        this.#streams.get(streamId)?.end('unpublished', 'the client sent closeStream')
        return undefined
      default:
        if (!this.#streams.get(streamId)?.onPlayerCommand(command)) {
          this.#answerCall(transactionId)
        }
        return undefined
    }
  }

  #updateDeadlines(): void {
    const activities = this.#streams.all.map(({ publishes, plays, publishedVhost, mediaSeen }) => {
      const { firstMediaTimeoutMs, mediaTimeoutMs } = this.#vhostOptions(publishedVhost)
      return { publishes, plays, mediaTimeoutMs: mediaSeen ? mediaTimeoutMs : firstMediaTimeoutMs }
    })
    this.#deadlines.update(activities)
  }

  #answer(message: Message): void {
    this.#transport.send(this.#answersAmf3 ? toAmf3Command(message) : message)
  }

  /** An answer to a call that needs none, so that its caller goes on. */
  #answerCall(transactionId: number): void {
    if (transactionId > 0) {
      this.#answer(replies.nullResult(transactionId))
    }
  }

  async #onConnect(command: Command): Promise<void> {
    if (this.#connect !== null) {
      throw new ProtocolError('connect was sent a second time')
    }
    const connect = readConnect(command, { connectionId: this.#setup.id, address: this.#address })
    await admit(this.#setup.handlers.connect(connect), (reason) =>
      this.#answer(replies.connectRejected(command.transactionId, reason)),
    )
    this.#connect = connect
    const { tcUrl, flashVersion } = connect
    this.#setup.logger.debug({ tcUrl, flashVersion }, 'connected')
    const answer = (message: Message): void => this.#answer(message)
    const options = this.#vhostOptions(connect.vhost)
    answerConnect(this.#transport, answer, command.transactionId, connect, options)
  }

  async #onPublish(command: Command, connect: RtmpConnect): Promise<void> {
    const stream = this.#streams.free(command)
    await stream.publish(this.#streamRequest(command, connect), this.#saidFcPublish)
  }

  async #onPlay(command: Command, connect: RtmpConnect): Promise<void> {
    const stream = this.#streams.free(command)
    const duration = command.args[2]
    await stream.play(
      this.#streamRequest(command, connect),
      typeof duration === 'number' && duration > 0 ? duration : null,
    )
  }

  #streamRequest(command: Command, connect: RtmpConnect): RtmpStreamRequest {
    const name = command.args[0]
    if (typeof name !== 'string') {
      throw new ProtocolError(`${command.name} has no stream name`)
    }
    const { app, stream, ...rest } = parseRtmpStream(connect.tcUrl, name, connect.namedApp)
    if (stream === '') {
      throw new ProtocolError(`${command.name} names no stream: neither it nor tcUrl says which`)
    }
    return { connect, path: `${app}/${stream}`, ...rest, dialect: this.#dialect.dialect }
  }

  #onFcUnpublish(command: Command): void {
    const published = this.#streams.published(command.args[0])
    for (const { id } of published) {
      this.#answer(replies.fcUnpublished(id))
    }
    this.#answer(replies.emptyResult(command.transactionId))
    for (const stream of published) {
      stream.end('unpublished', 'the client sent FCUnpublish')
    }
  }

  #onDeleteStream(command: Command): void {
    const id = command.args[0]
    if (typeof id === 'number') {
      this.#streams.delete(id, 'the client sent deleteStream')
    }
  }
}

/** ECONNRESET and its like: the network's, nobody's fault. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error
}
