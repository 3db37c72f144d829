import { ProtocolError, RejectedError } from '../base/index.ts'
import type { Command } from './message/index.ts'
import { MessageStream, type MessageStreamSetup } from './message-stream.ts'
import { parseStreamArgument } from './url.ts'

/** Message streams one connection may have at once. */
export const MAX_MESSAGE_STREAMS = 16

/** The message streams of one connection, by id. */
export class MessageStreams {
  readonly #setup: MessageStreamSetup
  readonly #streams = new Map<number, MessageStream>()

  /** There are none at first. */
  constructor(setup: MessageStreamSetup) {
    this.#setup = setup
  }

  /** Every one there is. */
  get all(): MessageStream[] {
    return [...this.#streams.values()]
  }

  /** For how long what the client sends may stay unread, ms: 0 unless it does nothing but publish. */
  get mayBeLateMs(): number {
    let lateMs = Number.POSITIVE_INFINITY
    for (const stream of this.#streams.values()) {
      lateMs = Math.min(lateMs, stream.mayBeLateMs)
    }
    return Number.isFinite(lateMs) ? lateMs : 0
  }

  /** The one of that id, if there is one. */
  get(id: number): MessageStream | undefined {
    return this.#streams.get(id)
  }

  /**
   * The one whose publication media on that message stream is for: some encoders publish on one, and send on another that
   * they never created.
   */
  receiverOf(id: number): MessageStream | undefined {
    const stream = this.#streams.get(id)
    if (stream !== undefined) {
      return stream
    }
    const published = this.all.filter(({ publishes }) => publishes)
    return published.length === 1 ? published[0] : undefined
  }

  /**
   * Those that something is published on.
   * @param name stream name of the client; if something was published by it, only that counts
   */
  published(name: unknown): MessageStream[] {
    const published = this.all.filter(({ publishes }) => publishes)
    if (typeof name !== 'string') {
      return published
    }
    const { path } = parseStreamArgument(name)
    const named = published.filter(({ publishedPath }) => publishedPath.endsWith(`/${path}`))
    return named.length > 0 ? named : published
  }

  /**
   * Makes one with the lowest free id.
   * @throws RejectedError past `MAX_MESSAGE_STREAMS`
   */
  create(): MessageStream {
    let id = 1
    while (this.#streams.has(id)) {
      id++
    }
    return this.#open(id)
  }

  /**
   * The one that publish or play is for, with nothing published or played on it any more.
   * @throws ProtocolError if it was never created and its id is none of the first; RejectedError past `MAX_MESSAGE_STREAMS`
   */
  free({ name, streamId }: Command): MessageStream {
    const stream = this.#streams.get(streamId)
    if (stream !== undefined) {
      stream.end('unpublished', `the client sent ${name} again`)
      return stream
    }
    // Some encoders publish on a stream id that they never created; they mean one of the first. Media is encoded once per
    // id, so a client may not make up as many as it likes.
    if (streamId > MAX_MESSAGE_STREAMS) {
      throw new ProtocolError(`${name} on message stream ${streamId}, which was never created`)
    }
    return this.#open(streamId)
  }

  /** Ends what happens on the one of that id, and takes it away. */
  delete(id: number, message: string): void {
    this.#streams.get(id)?.end('unpublished', message)
    this.#streams.delete(id)
  }

  /** The connection is gone: ends what happens on all of them. */
  disconnect(message: string): void {
    for (const stream of this.all) {
      stream.end('disconnected', message)
    }
  }

  #open(id: number): MessageStream {
    if (this.#streams.size >= MAX_MESSAGE_STREAMS) {
      throw new RejectedError(
        `more than MAX_MESSAGE_STREAMS (${MAX_MESSAGE_STREAMS}) message streams on one connection`,
      )
    }
    const stream = new MessageStream(id, this.#setup)
    this.#streams.set(id, stream)
    return stream
  }
}
