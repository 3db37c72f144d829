import { EventEmitter } from 'node:events'
import { type Clock, type Logger, RejectedError, silentLogger } from '../base/index.ts'
import { FlushPacer } from './flush-pacer.ts'
import type { EndReason } from './sink.ts'
import { Stream } from './stream.ts'
import { addCounters, noCounters, type StreamCounters } from './stream-counters.ts'
import { type StreamName, streamKey } from './stream-name.ts'
import type { Vhost, Vhosts } from './vhosts.ts'

/** Streams of a server at once at most; more are refused. */
export const DEFAULT_MAX_STREAMS = 10_000

/** What a registry is made with. */
export type RegistrySetup = Readonly<{
  /** The virtual hosts that streams belong to, with their settings. */
  vhosts: Vhosts
  /** Streams at once at most, of all virtual hosts. Default `DEFAULT_MAX_STREAMS`. */
  maxStreams?: number | undefined
  /** Tells the time to streams and publications. */
  clock: Clock
  /** Told of changes of the flush interval. Default: nobody. */
  logger?: Logger
}>

/** What is longer is for ever: Node's timers hold no more, ms. */
const MAX_TIMER_MS = 0x7fffffff

/**
 * Streams that nobody has published yet, at most, as a part of `maxStreams`: players that wait for one must not take the
 * places of those who publish.
 */
export const MAX_UNPUBLISHED_PART = 0.5

/** A time in which a publisher may return, after so many publications. */
type Grace = Readonly<{ publications: number; timer: NodeJS.Timeout }>

/** Counts of all streams together. */
export type StreamTotals = StreamCounters & {
  /** How often players were too far behind and skipped to the newest keyframe. */
  skips: number
}

/** Events of a registry. */
export type RegistryEvents = {
  /** A stream came to be: somebody publishes or waits for it. */
  opened: [stream: Stream]
  /** A stream was freed. */
  ended: [stream: Stream, reason: EndReason]
}

/** The streams of a server, by name. A stream exists while somebody publishes, plays or is soon expected back. */
export class StreamRegistry extends EventEmitter<RegistryEvents> {
  /** The virtual hosts that the streams belong to. */
  readonly vhosts: Vhosts
  readonly #clock: Clock
  readonly #streams = new Map<string, Stream>()
  /** Streams made for players; those that were published meanwhile are taken out when they are counted. */
  readonly #awaited = new Set<Stream>()
  readonly #lingering = new Map<Stream, NodeJS.Timeout>()
  /** Streams whose publisher is gone, though they have viewers. */
  readonly #graces = new Map<Stream, Grace>()
  readonly #pacer: FlushPacer
  /** What streams counted that are no more. */
  readonly #past: StreamTotals = { ...noCounters, skips: 0 }
  #maxStreams: number
  #closed = false

  /** There are no streams at first. */
  constructor({ vhosts, maxStreams = DEFAULT_MAX_STREAMS, clock, logger = silentLogger }: RegistrySetup) {
    super()
    this.vhosts = vhosts
    this.#maxStreams = maxStreams
    this.#clock = clock
    this.#pacer = new FlushPacer({ logger, clock })
  }

  /** What paces the writes to players, of all streams together. */
  get pacer(): FlushPacer {
    return this.#pacer
  }

  /** What all streams have counted since the start, those included that are no more. */
  get totals(): StreamTotals {
    const totals = { ...this.#past }
    for (const stream of this.#streams.values()) {
      addCounters(totals, stream.counters)
      totals.skips += stream.skips
    }
    return totals
  }

  /** Every stream there is, oldest first. */
  get streams(): Stream[] {
    return [...this.#streams.values()]
  }

  /**
   * Gives every stream the settings that its virtual host has now; ends those whose virtual host is gone or switched off.
   * @param maxStreams for streams that come; those there are stay. Default `DEFAULT_MAX_STREAMS`
   */
  update(maxStreams: number = DEFAULT_MAX_STREAMS): void {
    this.#maxStreams = maxStreams
    for (const stream of this.streams) {
      const vhost = this.vhosts.get(stream.name.vhost)
      if (vhost?.enabled) {
        stream.update(vhost)
      } else {
        const what = vhost === undefined ? 'is no more' : 'is switched off'
        this.#end(stream, { code: 'closed', message: `the virtual host ${stream.name.vhost} ${what}` })
      }
    }
  }

  /** The stream of that name, if there is one. */
  get(name: StreamName): Stream | undefined {
    return this.#streams.get(streamKey(name))
  }

  /**
   * The stream of that name, made if there is none. Who asks must publish, add a viewer or `release` it.
   * @param purpose with `play`, a stream that is made waits for a publisher, and of these there may be fewer
   * @throws RejectedError past `maxStreams`, past `MAX_UNPUBLISHED_PART` of it, after `close`, or if its virtual host lets nobody in
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
    const vhost = this.#requireVhost(name)
    if (this.#streams.size >= this.#maxStreams) {
      throw new RejectedError(`there are ${this.#streams.size} streams already (maxStreams)`)
    }
    if (purpose === 'play') {
      this.#requireRoomToWait()
    }
    const stream: Stream = new Stream({
      name,
      vhost,
      clock: this.#clock,
      pacer: this.#pacer,
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
    const { lingerMs } = stream.vhost.streams
    if (stream.counters.publications === 0 || lingerMs === 0) {
      this.#end(stream, { code: 'closed', message: 'nobody publishes or plays it' })
      return
    }
    const timer = setTimeout(() => {
      this.#lingering.delete(stream)
      if (stream.idle) {
        this.#end(stream, { code: 'closed', message: `nobody came back within ${lingerMs} ms` })
      }
    }, lingerMs)
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
    const most = Math.max(1, this.#maxStreams * MAX_UNPUBLISHED_PART)
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

  #requireVhost({ vhost: name }: StreamName): Vhost {
    const vhost = this.vhosts.get(name)
    if (!vhost?.enabled) {
      throw new RejectedError(this.vhosts.denial(name).reason)
    }
    return vhost
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
    const { publisherGraceMs } = stream.vhost.streams
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
    addCounters(this.#past, stream.counters)
    this.#past.skips += stream.skips
    this.emit('ended', stream, reason)
  }
}
