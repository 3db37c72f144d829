import type { Socket } from 'node:net'
import {
  ClosedError,
  type Logger,
  ProtocolError,
  RejectedError,
  ServerError,
  TimeoutError,
} from '../base/index.ts'
import { decodeCapabilities } from './capabilities.ts'
import { type Message, MessageType } from './chunk/index.ts'
import { type Command, decodeCommand } from './message/index.ts'
import type {
  RtmpConnect,
  RtmpPlayback,
  RtmpReceiver,
  RtmpServerHandlers,
  RtmpStreamRequest,
} from './server-handlers.ts'
import type { RtmpSessionOptions } from './server-options.ts'
import * as replies from './server-replies.ts'
import { closedByServer, RtmpTransport, type TransportOwner } from './transport.ts'
import { parseStreamArgument, parseTcUrl } from './url.ts'

/** Message streams one connection may have at once. */
export const MAX_MESSAGE_STREAMS = 16

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
  /** Already bound to the connection's id. */
  logger: Logger
  /** Called once, when the connection is gone. */
  onClose(): void
}>

type MessageStream = { receiver: RtmpReceiver | null; playback: RtmpPlayback | null; mediaSeen: boolean }

/** One RTMP client at the server: its commands, its message streams, and the statuses it is told. */
export class RtmpServerSession implements TransportOwner {
  readonly #setup: RtmpSessionSetup
  readonly #transport: RtmpTransport
  readonly #address: string
  readonly #streams = new Map<number, MessageStream>()
  #setupTimer: NodeJS.Timeout | undefined
  #handshakeDone = false
  #connect: RtmpConnect | null = null
  #saidFcPublish = false

  /** Takes the socket over; everything else happens by itself. */
  constructor(setup: RtmpSessionSetup) {
    this.#setup = setup
    this.#address = setup.socket.remoteAddress ?? 'unknown'
    this.#transport = new RtmpTransport(setup.socket, this)
    this.#restartSetupTimer(setup.options.handshakeTimeoutMs)
  }

  /** Ends the connection; idempotent. */
  close(reason: string): void {
    this.#transport.close(closedByServer(reason))
  }

  /** Ends the connection at once, without waiting for the client to take what was sent. */
  destroy(reason: string): void {
    this.#transport.destroy(closedByServer(reason))
  }

  /** The handshake is done; the client has `setupTimeoutMs` to say what it wants. */
  onHandshake(kind: string): void {
    this.#setup.logger.debug({ handshake: kind }, 'handshake done')
    this.#handshakeDone = true
    this.#restartSetupTimer(this.#setup.options.setupTimeoutMs)
  }

  /** A message of the client. */
  onMessage(message: Message): Promise<void> | undefined {
    switch (message.type) {
      case MessageType.audio:
      case MessageType.video:
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
        this.#onMedia(message)
        return undefined
      case MessageType.commandAmf0:
      case MessageType.commandAmf3:
        return this.#onCommand(decodeCommand(message))
      default:
        this.#setup.logger.debug(
          { type: message.type, bytes: message.payload.length },
          'message type ignored',
        )
        return undefined
    }
  }

  /** The connection is gone: whatever it published or played ends. */
  onClose(error: Error | null): void {
    clearTimeout(this.#setupTimer)
    const message = error === null ? 'the client closed the connection' : error.message
    for (const id of [...this.#streams.keys()]) {
      this.#endStream(id, 'disconnected', message)
    }
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
    this.#setup.onClose()
  }

  #restartSetupTimer(timeoutMs: number): void {
    clearTimeout(this.#setupTimer)
    this.#setupTimer = setTimeout(() => this.#onSetupTimeout(), timeoutMs).unref()
  }

  /** Sets what the client is waited for to what it publishes and plays now. */
  #restartTimers(): void {
    const { setupTimeoutMs, firstMediaTimeoutMs, mediaTimeoutMs } = this.#setup.options
    const streams = [...this.#streams.values()]
    const published = streams.filter(({ receiver }) => receiver !== null)
    clearTimeout(this.#setupTimer)
    if (published.length > 0) {
      const allSend = published.every(({ mediaSeen }) => mediaSeen)
      this.#transport.setIdleTimeout(allSend ? mediaTimeoutMs : firstMediaTimeoutMs)
      return
    }
    this.#transport.setIdleTimeout(0)
    if (streams.every(({ playback }) => playback === null)) {
      this.#restartSetupTimer(setupTimeoutMs)
    }
  }

  #onSetupTimeout(): void {
    const { handshakeTimeoutMs, setupTimeoutMs } = this.#setup.options
    const reason = this.#handshakeDone
      ? `no publish or play within ${setupTimeoutMs} ms (setupTimeoutMs)`
      : `no complete handshake within ${handshakeTimeoutMs} ms (handshakeTimeoutMs)`
    this.#transport.destroy(new TimeoutError(reason))
  }

  #onMedia(message: Message): void {
    const stream = this.#streams.get(message.streamId)
    if (stream === undefined || stream.receiver === null) {
      // Media before publish was admitted, or after it ended: encoders do both.
      return
    }
    if (!stream.mediaSeen) {
      stream.mediaSeen = true
      this.#restartTimers()
    }
    stream.receiver.onMedia(message)
  }

  #onCommand(command: Command): Promise<void> | undefined {
    this.#setup.logger.debug({ command: command.name, streamId: command.streamId }, 'command')
    if (this.#connect === null && command.name !== 'connect') {
      throw new ProtocolError(`command '${command.name}' before connect`)
    }
    switch (command.name) {
      case 'connect':
        return this.#onConnect(command)
      case 'createStream':
        this.#onCreateStream(command)
        return undefined
      case 'releaseStream':
        this.#transport.send(replies.emptyResult(command.transactionId))
        return undefined
      case 'FCPublish':
        this.#saidFcPublish = true
        this.#transport.send(replies.emptyResult(command.transactionId))
        return undefined
      case 'FCUnpublish':
        this.#onFcUnpublish(command)
        return undefined
      case 'publish':
        return this.#onPublish(command, this.#requireConnect())
      case 'play':
        return this.#onPlay(command, this.#requireConnect())
      case 'closeStream':
        this.#endStream(command.streamId, 'unpublished', `the client sent ${command.name}`)
        return undefined
      case 'deleteStream':
        this.#onDeleteStream(command)
        return undefined
      default:
        if (command.transactionId > 0) {
          this.#transport.send(replies.nullResult(command.transactionId))
        }
        return undefined
    }
  }

  async #onConnect(command: Command): Promise<void> {
    if (this.#connect !== null) {
      throw new ProtocolError('connect was sent a second time')
    }
    const tcUrl = command.object?.tcUrl
    if (typeof tcUrl !== 'string') {
      throw new ProtocolError('connect has no tcUrl: the client must say rtmp://host/app')
    }
    const { app, parameters } = parseTcUrl(tcUrl)
    const { pageUrl, flashVer, objectEncoding } = command.object ?? {}
    const connect: RtmpConnect = {
      connectionId: this.#setup.id,
      address: this.#address,
      tcUrl,
      app,
      parameters,
      pageUrl: typeof pageUrl === 'string' ? pageUrl : '',
      flashVersion: typeof flashVer === 'string' ? flashVer : '',
      capabilities: decodeCapabilities(command.object),
    }
    await this.#admit(this.#setup.handlers.connect(connect), (reason) =>
      this.#transport.send(replies.connectRejected(command.transactionId, reason)),
    )
    this.#connect = connect
    this.#setup.logger.debug({ tcUrl, flashVersion: connect.flashVersion }, 'connected')
    for (const message of replies.beforeConnectResult()) {
      this.#transport.send(message)
    }
    // OBS wants the chunk size before the result.
    this.#transport.setChunkSize(this.#setup.options.chunkSize)
    this.#transport.send(
      replies.connectResult(command.transactionId, {
        objectEncoding: typeof objectEncoding === 'number' ? objectEncoding : 0,
        connectionId: this.#setup.id,
        enhanced: connect.capabilities.announced,
      }),
    )
    this.#transport.send(replies.bandwidthDone())
  }

  #onCreateStream(command: Command): void {
    let id = 1
    while (this.#streams.has(id)) {
      id++
    }
    this.#openStream(id)
    this.#transport.send(replies.createStreamResult(command.transactionId, id))
  }

  async #onPublish(command: Command, connect: RtmpConnect): Promise<void> {
    const stream = this.#freeStream(command)
    const request = this.#streamRequest(command, connect)
    const receiver = await this.#admit(this.#setup.handlers.publish(request, this), (reason) =>
      this.#transport.send(replies.publishRejected(command.streamId, reason)),
    )
    if (this.#transport.closed) {
      receiver.onEnd('disconnected', 'the client left before it was admitted')
      return
    }
    stream.receiver = receiver
    stream.mediaSeen = false
    this.#restartTimers()
    if (this.#saidFcPublish) {
      this.#transport.send(replies.fcPublishStarted(command.streamId))
    }
    this.#transport.send(replies.publishStarted(command.streamId))
  }

  async #onPlay(command: Command, connect: RtmpConnect): Promise<void> {
    const stream = this.#freeStream(command)
    const request = this.#streamRequest(command, connect)
    const { sink, chunkSize } = this.#transport
    const output = { sink, chunkSize, streamId: command.streamId }
    const playback = await this.#admit(this.#setup.handlers.play(request, output, this), (reason) =>
      this.#transport.send(replies.playRejected(command.streamId, reason)),
    )
    if (this.#transport.closed) {
      playback.stop('the client left before it was admitted')
      return
    }
    stream.playback = playback
    this.#restartTimers()
    for (const message of replies.playStarted(command.streamId)) {
      this.#transport.send(message)
    }
    playback.start()
  }

  #onFcUnpublish(command: Command): void {
    const published = [...this.#streams].filter(([, { receiver }]) => receiver !== null)
    for (const [id] of published) {
      this.#transport.send(replies.fcUnpublished(id))
    }
    this.#transport.send(replies.emptyResult(command.transactionId))
    for (const [id] of published) {
      this.#endStream(id, 'unpublished', 'the client sent FCUnpublish')
    }
  }

  #onDeleteStream(command: Command): void {
    const id = command.args[0]
    if (typeof id === 'number') {
      this.#endStream(id, 'unpublished', 'the client sent deleteStream')
      this.#streams.delete(id)
    }
  }

  /** Waits for a handler; a refusal is told to the client before the connection ends. */
  async #admit<T>(decision: Promise<T>, tellRefusal: (reason: string) => void): Promise<T> {
    try {
      return await decision
    } catch (error) {
      if (error instanceof RejectedError || error instanceof ProtocolError) {
        tellRefusal(error.message)
      }
      throw error
    }
  }

  /** The message stream a command is for, with nothing published or played on it any more. */
  #freeStream(command: Command): MessageStream {
    const id = command.streamId
    const stream = this.#streams.get(id)
    if (stream !== undefined) {
      this.#endStream(id, 'unpublished', `the client sent ${command.name} again`)
      return stream
    }
    // Some encoders publish on a stream id that they never created; they mean one of the first. Media is encoded once per
    // id, so a client may not make up as many as it likes.
    if (id > MAX_MESSAGE_STREAMS) {
      throw new ProtocolError(`${command.name} on message stream ${id}, which was never created`)
    }
    return this.#openStream(id)
  }

  #openStream(id: number): MessageStream {
    if (this.#streams.size >= MAX_MESSAGE_STREAMS) {
      throw new RejectedError(
        `more than MAX_MESSAGE_STREAMS (${MAX_MESSAGE_STREAMS}) message streams on one connection`,
      )
    }
    const stream: MessageStream = { receiver: null, playback: null, mediaSeen: false }
    this.#streams.set(id, stream)
    return stream
  }

  #endStream(id: number, code: 'unpublished' | 'disconnected', message: string): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) {
      return
    }
    const { receiver, playback } = stream
    stream.receiver = null
    stream.playback = null
    if (receiver !== null && code === 'unpublished') {
      this.#transport.send(replies.unpublished(id))
    }
    receiver?.onEnd(code, message)
    playback?.stop(message)
    if ((receiver !== null || playback !== null) && !this.#transport.closed) {
      this.#restartTimers()
    }
  }

  #streamRequest(command: Command, connect: RtmpConnect): RtmpStreamRequest {
    const name = command.args[0]
    if (typeof name !== 'string') {
      throw new ProtocolError(`${command.name} has no stream name`)
    }
    const { path, parameters } = parseStreamArgument(name)
    return {
      connect,
      path: connect.app === '' ? path : `${connect.app}/${path}`,
      parameters: new URLSearchParams([...parameters, ...connect.parameters]),
    }
  }

  #requireConnect(): RtmpConnect {
    if (this.#connect === null) {
      throw new ProtocolError('publish or play before connect')
    }
    return this.#connect
  }
}

/** ECONNRESET and its like: the network's, nobody's fault. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error
}
