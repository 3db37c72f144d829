import { ProtocolError } from '../../base/index.ts'
import { decodeAmf0, isAmf0Object } from '../../media/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import { amf0DataBody, decodeAggregate, encodeSetBufferLength } from '../message/index.ts'
import { type MediaPacket, scriptDataName } from './media-packet.ts'
import type { RtmpClientOptions } from './options.ts'
import { followRedirects } from './redirects.ts'
import { RtmpClient, type RtmpClientOwner } from './rtmp-client.ts'
import type { RtmpStatus } from './status.ts'
import { parseRtmpTarget, type RtmpTarget } from './target.ts'

/** How another server's stream is played. */
export type RtmpPlayerOptions = RtmpClientOptions &
  Readonly<{
    /**
     * A server that sends nothing for so long is given up, ms; 0 waits for ever, e.g. for a publisher that comes when it
     * likes. Default 30 000.
     */
    idleTimeoutMs?: number
    /** What waits for a slow program, bytes; past it the server is not read from, and has to wait or to drop. Default 4 MiB. */
    maxQueuedBytes?: number
    /** How much the server is told that is buffered here, ms. Default 1000, as SRS says. */
    bufferMs?: number
  }>

/** The defaults of `RtmpPlayerOptions`. */
export const defaultRtmpPlayerOptions: Required<
  Pick<RtmpPlayerOptions, 'idleTimeoutMs' | 'maxQueuedBytes' | 'bufferMs'>
> = {
  idleTimeoutMs: 30_000,
  maxQueuedBytes: 4 * 1024 * 1024,
  bufferMs: 1000,
}

/** Live, or else recorded (Adobe RTMP 1.0, 7.2.2.1); what players send. */
const PLAY_LIVE = -2000

/** Statuses after which nothing more comes. */
const ENDS: ReadonlySet<string> = new Set([
  'NetStream.Play.Stop',
  'NetStream.Play.Complete',
  'NetStream.Play.UnpublishNotify',
])

/** Script data that is the server's word to the player and no part of the stream. */
const SERVER_DATA: ReadonlySet<string> = new Set(['|RtmpSampleAccess', 'onStatus', 'onPlayStatus'])

/**
 * Plays one stream of an RTMP server: an async iterable of what it sends, metadata as packets of data. One reader.
 *
 * ```ts
 * const player = await RtmpPlayer.play('rtmp://example.com/live/demo')
 * for await (const { kind, timestamp, body } of player) {
 *   console.log(kind, timestamp, body.length)
 * }
 * ```
 *
 * The iteration ends when the server ends the stream or the connection, and with an error when the connection is lost, the
 * server falls silent or refuses to go on. Leaving it, by `break` or `close`, closes the connection.
 */
export class RtmpPlayer implements RtmpClientOwner, AsyncIterableIterator<MediaPacket> {
  readonly #client: RtmpClient
  readonly #options: RtmpPlayerOptions
  #packets: MediaPacket[] = []
  #queuedBytes = 0
  /** While the server is not read from. */
  #pause: PromiseWithResolvers<void> | null = null
  #wake: (() => void) | null = null
  #unreadableMessages = 0
  #over = false
  #error: Error | null = null

  private constructor(client: RtmpClient, options: RtmpPlayerOptions) {
    this.#client = client
    this.#options = options
    client.owner = this
  }

  /**
   * Connects and plays. Resolves when the server says that it begins; it may do so before there is a publisher.
   * @param from `rtmp://host/app/stream?query`, the same with `rtmps://`, or such an address taken apart
   * @throws RtmpRefusedError if the server says no, TimeoutError if it takes longer than the option that the message names,
   * ServerError ERR_CONNECTION if the connection can't be had or ends, ERR_CONFIGURATION if the URL is none, ProtocolError
   * if the server does not speak RTMP
   */
  static async play(from: string | RtmpTarget, options: RtmpPlayerOptions = {}): Promise<RtmpPlayer> {
    const first = typeof from === 'string' ? parseRtmpTarget(from) : from
    return await followRedirects(first, (target) => RtmpPlayer.#playAt(target, options), options.maxRedirects)
  }

  static async #playAt(target: RtmpTarget, options: RtmpPlayerOptions): Promise<RtmpPlayer> {
    const client = await RtmpClient.connect(target, options)
    try {
      const streamId = await client.createStream()
      const player = new RtmpPlayer(client, options)
      client.send(encodeSetBufferLength(streamId, options.bufferMs ?? defaultRtmpPlayerOptions.bufferMs))
      await client.start('play', [target.stream, PLAY_LIVE], streamId, 'NetStream.Play.Start')
      if (player.#pause === null) {
        player.#watch()
      }
      return player
    } catch (error) {
      await client.close()
      throw error
    }
  }

  /** Resolves when the connection is gone: with why, or null after `close` or an ordinary end by the server. */
  get closed(): Promise<Error | null> {
    return this.#client.closed
  }

  /** Bytes received since the connection was opened. */
  get bytesReceived(): number {
    return this.#client.bytesReceived
  }

  /** Messages left out because they could not be read. */
  get unreadableMessages(): number {
    return this.#unreadableMessages
  }

  /**
   * The next packet; waits for one. Its timestamp is the server's, unsigned 32-bit milliseconds that wrap after 49.7 days;
   * its body belongs to the caller, but may share a block of memory with its neighbours.
   * @throws once, what ended the connection, after all that came before it: RtmpRefusedError, TimeoutError, ProtocolError,
   * ServerError ERR_CONNECTION
   */
  async next(): Promise<IteratorResult<MediaPacket, undefined>> {
    while (this.#packets.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
    const packet = this.#packets.shift()
    if (packet === undefined) {
      const error = this.#error
      this.#error = null
      if (error !== null) {
        throw error
      }
      return { done: true, value: undefined }
    }
    this.#queuedBytes -= packet.body.length
    if (this.#pause !== null && this.#queuedBytes <= this.#maxQueuedBytes / 2) {
      this.#goOn(this.#pause)
    }
    return { done: false, value: packet }
  }

  /** Closes; called by `for await` on break. */
  async return(): Promise<IteratorResult<MediaPacket, undefined>> {
    await this.close()
    return { done: true, value: undefined }
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this
  }

  /** Closes the connection; what waits is let go of. Idempotent; resolves when nothing is left. */
  async close(): Promise<void> {
    this.#packets = []
    this.#queuedBytes = 0
    this.#finish(null)
    await this.#client.close()
  }

  /** Queues media; a pending promise when the queue is full. */
  onMedia(message: Message): Promise<void> | undefined {
    for (const packet of this.#understand(message)) {
      this.#take(packet)
    }
    return this.#pause?.promise
  }

  /** A status of the server may be the end of the stream. */
  onStatus({ code }: RtmpStatus): void {
    if (ENDS.has(code)) {
      this.#endByServer()
    }
  }

  /** The iteration ends, after what is queued. */
  onClose(error: Error | null): void {
    this.#finish(error)
  }

  get #maxQueuedBytes(): number {
    return this.#options.maxQueuedBytes ?? defaultRtmpPlayerOptions.maxQueuedBytes
  }

  /** The packets in a message; none, and counted, if it can't be read: one odd message must not end a stream. */
  #understand(message: Message): MediaPacket[] {
    try {
      return toPackets(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error
      }
      this.#unreadableMessages++
      return []
    }
  }

  #take(packet: MediaPacket): void {
    if (this.#over) {
      return
    }
    const name = packet.kind === 'data' ? scriptDataName(packet.body) : null
    if (name === 'onPlayStatus' && isEnd(packet.body)) {
      this.#endByServer()
      return
    }
    if (name !== null && SERVER_DATA.has(name)) {
      return
    }
    this.#packets.push(packet)
    this.#queuedBytes += packet.body.length
    this.#wake?.()
    if (this.#queuedBytes > this.#maxQueuedBytes && this.#pause === null) {
      this.#pause = Promise.withResolvers()
      // That nothing comes is now this program's doing.
      this.#client.setIdleTimeout(0, '')
    }
  }

  #watch(): void {
    const timeoutMs = this.#options.idleTimeoutMs ?? defaultRtmpPlayerOptions.idleTimeoutMs
    this.#client.setIdleTimeout(timeoutMs, 'idleTimeoutMs is over: the server sent nothing')
  }

  #goOn(pause: PromiseWithResolvers<void>): void {
    this.#pause = null
    this.#watch()
    pause.resolve()
  }

  #endByServer(): void {
    this.#finish(null)
    void this.#client.close()
  }

  #finish(error: Error | null): void {
    if (!this.#over) {
      this.#over = true
      this.#error = error
    }
    this.#pause?.resolve()
    this.#pause = null
    this.#wake?.()
  }
}

/** @throws ProtocolError if data or an aggregate can't be read */
function toPackets(message: Message): MediaPacket[] {
  const { type, timestamp, payload } = message
  switch (type) {
    case MessageType.audio:
      return [{ kind: 'audio', timestamp, body: payload }]
    case MessageType.video:
      return [{ kind: 'video', timestamp, body: payload }]
    case MessageType.dataAmf0:
    case MessageType.dataAmf3:
      return [{ kind: 'data', timestamp, body: amf0DataBody(message) }]
    case MessageType.aggregate:
      // An aggregate within an aggregate is none that the standard knows.
      return decodeAggregate(message).flatMap((part) => (part.type === type ? [] : toPackets(part)))
    default:
      return []
  }
}

/** `onPlayStatus` with NetStream.Play.Complete: what was recorded is over. */
function isEnd(playStatus: Uint8Array): boolean {
  return decodeAmf0(playStatus).some((value) => isAmf0Object(value) && ENDS.has(String(value.code)))
}
