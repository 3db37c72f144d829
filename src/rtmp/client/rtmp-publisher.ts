import { ClosedError, LimitError, TimeoutError } from '../../base/index.ts'
import { encodeAmf0, MAX_FLV_BODY_BYTES } from '../../media/index.ts'
import type { SocketSink } from '../../net/index.ts'
import { noRtmpCapabilities, type RtmpCapabilities } from '../capabilities.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import { type MediaPacket, scriptDataName } from './media-packet.ts'
import type { RtmpClientOptions } from './options.ts'
import { followRedirects } from './redirects.ts'
import { RtmpClient, type RtmpClientOwner } from './rtmp-client.ts'
import type { RtmpStatus } from './status.ts'
import { parseRtmpTarget, type RtmpTarget } from './target.ts'

/** How a stream is published to another server. */
export type RtmpPublisherOptions = RtmpClientOptions &
  Readonly<{
    /** A server that does not take what waits for it within so long is given up, ms; 0 waits for ever. Default 30 000. */
    stallTimeoutMs?: number
  }>

/** Default of `RtmpPublisherOptions.stallTimeoutMs`. */
export const DEFAULT_STALL_TIMEOUT_MS = 30_000

/** Chunk streams as encoders use them. */
const CHANNELS = {
  audio: { type: MessageType.audio, chunkStreamId: 4 },
  video: { type: MessageType.video, chunkStreamId: 6 },
  data: { type: MessageType.dataAmf0, chunkStreamId: 4 },
} as const

/**
 * Publishes one stream to an RTMP server.
 *
 * ```ts
 * const publisher = await RtmpPublisher.publish('rtmp://example.com/live/demo')
 * for await (const frame of server.frames('live/demo')) {
 *   await publisher.write(frame)
 * }
 * await publisher.close()
 * ```
 */
export class RtmpPublisher implements RtmpClientOwner {
  readonly #client: RtmpClient
  readonly #target: RtmpTarget
  readonly #streamId: number
  readonly #stallTimeoutMs: number
  #closing: Promise<void> | null = null
  #closed = false
  #error: Error | null = null
  #blocked: PromiseWithResolvers<void> | null = null
  #stallTimer: NodeJS.Timeout | undefined
  #packetsSent = 0
  #bytesSent = 0

  private constructor(
    client: RtmpClient,
    target: RtmpTarget,
    streamId: number,
    { stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS }: RtmpPublisherOptions,
  ) {
    this.#client = client
    this.#target = target
    this.#streamId = streamId
    this.#stallTimeoutMs = stallTimeoutMs
    client.owner = this
    client.sink.addDrainListener({ onDrain: () => this.#onDrain() })
  }

  /**
   * Connects and publishes. Resolves when the server says that it begins.
   * @param to `rtmp://host/app/stream?query`, the same with `rtmps://`, or such an address taken apart
   * @throws RtmpRefusedError if the server says no, TimeoutError if it takes longer than the option that the message names,
   * ServerError ERR_CONNECTION if the connection can't be had or ends, ERR_CONFIGURATION if the URL is none, ProtocolError
   * if the server does not speak RTMP
   */
  static async publish(to: string | RtmpTarget, options: RtmpPublisherOptions = {}): Promise<RtmpPublisher> {
    const first = typeof to === 'string' ? parseRtmpTarget(to) : to
    return await followRedirects(
      first,
      (target) => RtmpPublisher.#publishAt(target, options),
      options.maxRedirects,
    )
  }

  static async #publishAt(target: RtmpTarget, options: RtmpPublisherOptions): Promise<RtmpPublisher> {
    const client = await RtmpClient.connect(target, options)
    try {
      client.notify('releaseStream', [null, target.stream])
      client.notify('FCPublish', [null, target.stream])
      const streamId = await client.createStream()
      const publisher = new RtmpPublisher(client, target, streamId, options)
      await client.start('publish', [target.stream, 'live'], streamId, 'NetStream.Publish.Start')
      return publisher
    } catch (error) {
      await client.close()
      throw error
    }
  }

  /** Resolves when the connection is gone: with why, or null after `close` or an ordinary end by the server. */
  get closed(): Promise<Error | null> {
    return this.#client.closed
  }

  /**
   * The writing end, for who has media as chunks already (of `chunkSize`, on `streamId`, each message beginning with a chunk of
   * type 0). What waits there while the server takes no more, and for how long, is the caller's to bound.
   */
  get sink(): SocketSink {
    return this.#client.sink
  }

  /** Chunk size that was announced to the server, bytes. */
  get chunkSize(): number {
    return this.#client.chunkSize
  }

  /** Message stream that is published on. */
  get streamId(): number {
    return this.#streamId
  }

  /** What the server announced of Enhanced RTMP. */
  get capabilities(): RtmpCapabilities {
    return this.#client.connectResult?.capabilities ?? noRtmpCapabilities
  }

  /** Packets sent so far. */
  get packetsSent(): number {
    return this.#packetsSent
  }

  /** Bytes of the bodies sent so far. */
  get bytesSent(): number {
    return this.#bytesSent
  }

  /**
   * Sends a packet, and waits while the server takes no more: so a program goes no faster than the connection.
   * @param packet as for `send`
   * @throws what `ready` throws
   */
  async write(packet: MediaPacket): Promise<void> {
    this.send(packet)
    await this.ready()
  }

  /**
   * Sends a packet at once; what waits while the server takes no more is the caller's to bound. Metadata ('onMetaData')
   * goes out as `@setDataFrame`, as encoders send it.
   * @param packet its timestamp may be any whole number of milliseconds from 0: 32 bits go out, and wrap after 49.7 days.
   * Its body is not copied beyond the call
   * @returns false if the server takes no more for now (wait for `ready`), or the connection is gone
   * @throws LimitError if the body is longer than an RTMP message can be, RangeError if the timestamp is none
   */
  send(packet: MediaPacket): boolean {
    const { kind, timestamp, body } = packet
    if (body.length > MAX_FLV_BODY_BYTES) {
      throw new LimitError('MAX_FLV_BODY_BYTES', MAX_FLV_BODY_BYTES, body.length)
    }
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
      throw new RangeError(`a timestamp is a whole number of milliseconds from 0, not ${timestamp}`)
    }
    if (this.#closed || this.#closing !== null) {
      return false
    }
    this.#packetsSent++
    this.#bytesSent += body.length
    const flowing = this.#client.sendMedia(this.#toMessage(kind, timestamp, body))
    if (!flowing) {
      this.#block()
    }
    return flowing
  }

  /**
   * Waits until the server takes more; resolves at once if it does.
   * @throws ClosedError after `close`, and when the server ended the connection in an ordinary way; otherwise the error that
   * ended it: RtmpRefusedError, TimeoutError for a stall, ServerError ERR_CONNECTION
   */
  async ready(): Promise<void> {
    if (this.#closed || this.#closing !== null) {
      throw this.#error ?? new ClosedError('the stream is no longer published: the connection is closed')
    }
    await this.#blocked?.promise
  }

  /**
   * Unpublishes as encoders do, and closes; what still waits goes out if the server takes it within 10 s. Idempotent; resolves
   * when nothing is left.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  /** Media that the server sends a publisher is of no use. */
  onMedia(_message: Message): undefined {}

  /** Nothing that a publisher waits for. */
  onStatus(_status: RtmpStatus): void {}

  /** Whoever waits to write is told. */
  onClose(error: Error | null): void {
    this.#closed = true
    this.#error = error
    clearTimeout(this.#stallTimer)
    this.#blocked?.reject(
      error ?? new ClosedError('the stream is no longer published: the connection is closed'),
    )
    this.#blocked = null
  }

  async #end(): Promise<void> {
    const { stream } = this.#target
    this.#client.notify('FCUnpublish', [null, stream])
    this.#client.notify('deleteStream', [null, this.#streamId])
    await this.#client.finish()
  }

  #toMessage(kind: MediaPacket['kind'], timestamp: number, body: Uint8Array): Message {
    const isMetadata = kind === 'data' && scriptDataName(body) === 'onMetaData'
    const payload = isMetadata ? Buffer.concat([SET_DATA_FRAME, body]) : body
    return { ...CHANNELS[kind], streamId: this.#streamId, timestamp, payload }
  }

  #block(): void {
    if (this.#blocked !== null) {
      return
    }
    this.#blocked = Promise.withResolvers()
    // Who waits gets the rejection; that nobody waits is no fault.
    this.#blocked.promise.catch(() => {})
    if (this.#stallTimeoutMs > 0) {
      this.#stallTimer = setTimeout(() => this.#onStall(), this.#stallTimeoutMs)
    }
  }

  #onDrain(): void {
    clearTimeout(this.#stallTimer)
    this.#blocked?.resolve()
    this.#blocked = null
  }

  #onStall(): void {
    const reason = `the server did not take what was sent within ${this.#stallTimeoutMs} ms (stallTimeoutMs)`
    this.#client.destroy(new TimeoutError(reason))
  }
}

const SET_DATA_FRAME = encodeAmf0('@setDataFrame')
