import { EventEmitter } from 'node:events'
import { type Clock, type Logger, RejectedError, silentLogger } from '../base/index.ts'
import { type BroadcastOptions, defaultBroadcastOptions } from './broadcast.ts'
import { FlushPacer } from './flush-pacer.ts'
import { DEFAULT_GOP_CACHE_MAX_FRAMES } from './gop-cache.ts'
import type { EndReason } from './sink.ts'
import { Stream } from './stream.ts'
import { type StreamName, streamKey } from './stream-name.ts'
import { checkTimeOptions, defaultTimeOptions, type TimeOptions } from './time-options.ts'

/** How the streams of a server are kept. */
export type RegistryOptions = TimeOptions &
  Readonly<{
    /** How long a stream that was published is kept with no publisher and no viewer, so that one who returns continues it, ms. Default 30 000. */
    lingerMs: number
    /**
     * How long viewers of a stream wait for a publisher to return, ms: then they are told that the stream is over. Infinity:
     * for ever, as in SRS. Default 600 000. Who came before anybody published waits without an end.
     */
    publisherGraceMs: number
    /** Streams at once at most. Default 10 000. */
    maxStreams: number
    /** Frames of a GOP kept at most. Default 2500. SRS: gop_cache_max_frames. */
    gopCacheMaxFrames: number
    /** See `BroadcastOptions`. */
    broadcast: BroadcastOptions
  }>

/** The defaults of `RegistryOptions`. */
export const defaultRegistryOptions: RegistryOptions = {
  ...defaultTimeOptions,
  lingerMs: 30_000,
  publisherGraceMs: 600_000,
  maxStreams: 10_000,
  gopCacheMaxFrames: DEFAULT_GOP_CACHE_MAX_FRAMES,
  broadcast: defaultBroadcastOptions,
}

/** What is longer is for ever: Node's timers hold no more, ms. */
const MAX_TIMER_MS = 0x7fffffff

/**
 * Streams that nobody has published yet, at most, as a part of `maxStreams`: players that wait for one must not take the
 * places of those who publish.
 */
export const MAX_UNPUBLISHED_PART = 0.5

/** A time in which a publisher may return, after so many publications. */
type Grace = Readonly<{ publications: number; timer: NodeJS.Timeout }>

/** Events of a registry. */
export type RegistryEvents = {
  /** A stream came to be: somebody publishes or waits for it. */
  opened: [stream: Stream]
  /** A stream was freed. */
  ended: [stream: Stream, reason: EndReason]
}

/** The streams of a server, by name. A stream exists while somebody publishes, plays or is soon expected back. */
export class StreamRegistry extends EventEmitter<RegistryEvents> {
  readonly #options: RegistryOptions
  readonly #clock: Clock
  readonly #streams = new Map<string, Stream>()
  /** Streams made for players; those that were published meanwhile are taken out when they are counted. */
  readonly #awaited = new Set<Stream>()
  readonly #lingering = new Map<Stream, NodeJS.Timeout>()
  /** Streams whose publisher is gone, though they have viewers. */
  readonly #graces = new Map<Stream, Grace>()
  readonly #pacer: FlushPacer
  #closed = false

  /**
   * @param clock tells the time to streams and publications
   * @param logger told of changes of the flush interval
   * @throws ServerError ERR_CONFIGURATION if one of the `TimeOptions` has no usable value
   */
  constructor(options: RegistryOptions, clock: Clock, logger: Logger = silentLogger) {
    super()
    checkTimeOptions(options)
    this.#options = options
    this.#clock = clock
    this.#pacer = new FlushPacer({ options: options.broadcast, logger, clock })
  }

  /** What paces the writes to players, of all streams together. */
  get pacer(): FlushPacer {
    return this.#pacer
  }

  /** Every stream there is, oldest first. */
  get streams(): Stream[] {
    return [...this.#streams.values()]
  }

  /** The stream of that name, if there is one. */
  get(name: StreamName): Stream | undefined {
    return this.#streams.get(streamKey(name))
  }

  /**
   * The stream of that name, made if there is none. Who asks must publish, add a viewer or `release` it.
   * @param purpose with `play`, a stream that is made waits for a publisher, and of these there may be fewer
   * @throws RejectedError past `maxStreams`, past `MAX_UNPUBLISHED_PART` of it, or after `close`
   */
  open(name: StreamName, purpose: 'publish' | 'play' = 'publish'): Stream {
    const existing = this.get(name)
    if (existing !== undefined && !existing.ended) {
      this.#keep(existing)
      return existing
    }
    if (this.#closed) {
      throw new RejectedError('the server is closing')
    }
    if (this.#streams.size >= this.#options.maxStreams) {
      throw new RejectedError(`there are ${this.#streams.size} streams already (maxStreams)`)
    }
    if (purpose === 'play') {
      this.#requireRoomToWait()
    }
    const stream: Stream = new Stream({
      name,
      clock: this.#clock,
      pacer: this.#pacer,
      broadcast: this.#options.broadcast,
      gopCacheMaxFrames: this.#options.gopCacheMaxFrames,
      time: this.#options,
      onReleased: () => this.release(stream),
      onEnded: (reason) => this.#onEnded(stream, reason),
    })
    this.#streams.set(stream.key, stream)
    if (purpose === 'play') {
      this.#awaited.add(stream)
    }
    this.emit('opened', stream)
    return stream
  }

  /** Frees the stream, at once or after `lingerMs`, if nobody holds it any more. */
  release(stream: Stream): void {
    if (stream.ended) {
      return
    }
    this.#startGrace(stream)
    if (!stream.idle || this.#lingering.has(stream)) {
      return
    }
    if (stream.counters.publications === 0 || this.#options.lingerMs === 0) {
      this.#end(stream, { code: 'closed', message: 'nobody publishes or plays it' })
      return
    }
    const timer = setTimeout(() => {
      this.#lingering.delete(stream)
      if (stream.idle) {
        this.#end(stream, { code: 'closed', message: `nobody came back within ${this.#options.lingerMs} ms` })
      }
    }, this.#options.lingerMs)
    timer.unref()
    this.#lingering.set(stream, timer)
  }

  /** Ends every stream; none can be opened afterwards. Idempotent. */
  close(): void {
    this.#closed = true
    for (const stream of this.streams) {
      this.#end(stream, { code: 'closed', message: 'the server is closing' })
    }
  }

  #requireRoomToWait(): void {
    const most = Math.max(1, this.#options.maxStreams * MAX_UNPUBLISHED_PART)
    if (this.#awaited.size + 1 <= most) {
      return
    }
    for (const stream of this.#awaited) {
      if (stream.counters.publications > 0) {
        this.#awaited.delete(stream)
      }
    }
    if (this.#awaited.size + 1 > most) {
      throw new RejectedError(
        `players wait for ${this.#awaited.size} streams already that nobody publishes (half of maxStreams)`,
      )
    }
  }

  #keep(stream: Stream): void {
    clearTimeout(this.#lingering.get(stream))
    this.#lingering.delete(stream)
  }

  /**
   * The time in which a publisher may return runs from when it left, whoever comes to watch or goes meanwhile. That one has
   * returned shows in the count of publications: its leaving begins another time.
   */
  #startGrace(stream: Stream): void {
    const { publisherGraceMs } = this.#options
    const { publications } = stream.counters
    const isOver = stream.publication === null && publications > 0
    if (!isOver || publisherGraceMs > MAX_TIMER_MS) {
      return
    }
    const running = this.#graces.get(stream)
    if (running?.publications === publications) {
      return
    }
    clearTimeout(running?.timer)
    const timer = setTimeout(() => {
      this.#graces.delete(stream)
      if (stream.publication === null && stream.counters.publications === publications) {
        const message = `no publisher came back within ${publisherGraceMs} ms (publisherGraceMs)`
        this.#end(stream, { code: 'closed', message })
      }
    }, publisherGraceMs)
    timer.unref()
    this.#graces.set(stream, { publications, timer })
  }

  #end(stream: Stream, reason: EndReason): void {
    this.#forget(stream)
    this.#streams.delete(stream.key)
    stream.end(reason)
  }

  #forget(stream: Stream): void {
    this.#keep(stream)
    this.#awaited.delete(stream)
    clearTimeout(this.#graces.get(stream)?.timer)
    this.#graces.delete(stream)
  }

  /** The stream is over, by us or by whoever called its `end`. */
  #onEnded(stream: Stream, reason: EndReason): void {
    this.#forget(stream)
    if (this.#streams.get(stream.key) === stream) {
      this.#streams.delete(stream.key)
    }
    this.emit('ended', stream, reason)
  }
}
