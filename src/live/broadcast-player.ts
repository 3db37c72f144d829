import type { Ms } from '../base/index.ts'
import type { DrainListener, SocketSink } from '../net/index.ts'
import type { Segment, SegmentLog } from './segment-log.ts'
import type { EndReason } from './sink.ts'

/** What a player of a broadcast is told. */
export type JoinOptions = Readonly<{
  /** The broadcast gives this player up: the stream is over, or its socket takes nothing. The owner closes the socket. */
  onEnd(reason: EndReason): void
  /** Begins later than this, for one that has seen all up to there. Default: anywhere. */
  after?: Ms | undefined
  /** Ends once so much media time has been written, ms. Default: never. */
  durationMs?: number | undefined
}>

/** What the players of a broadcast need of it; one for them all. */
export type BroadcastAccess = Readonly<{
  /** What there is to write; a player that is behind by more than its `maxSpanMs` skips to the newest keyframe. */
  log: SegmentLog
  /** The broadcast's clock. */
  now(): Ms
  /** Counts what was handed to a player's socket. */
  onSent(bytes: number): void
  /** A player whose socket took nothing for a while gets what it was behind by, ms. */
  onLate(lagMs: number): void
  /** Counts a skip. */
  onSkip(): void
  /** What comes before a segment that a player enters at; `first` when it enters for the first time. Shared: not to be changed. */
  prelude(segment: Segment, first: boolean): Uint8Array
  /** A player has left. */
  remove(player: BroadcastPlayer): void
}>

/**
 * One viewer: a socket and a cursor into the shared log. It holds no bytes of its own beyond what the socket does.
 */
export class BroadcastPlayer implements DrainListener {
  readonly #sink: SocketSink
  readonly #options: JoinOptions
  readonly #broadcast: BroadcastAccess
  /** Entries before this one are not for this player (gop_cache off). */
  readonly #earliestEntry: number
  /** Sequence of the next segment to write; null while it waits for a place to enter. */
  #cursor: number | null = null
  /** Where it entered last: from there on it was written every segment. */
  #enteredAt = 0
  /** The first segment of those written that its socket may still have to send. */
  #heldFrom: number | null = null
  #started = false
  #left = false
  #blockedSince: Ms | null = null
  #skips = 0
  #framesWritten = 0
  #firstTimestamp: Ms | null = null
  #lastTimestamp: Ms | null = null

  /** Made by `Broadcast.join`. */
  constructor(sink: SocketSink, options: JoinOptions, earliestEntry: number, broadcast: BroadcastAccess) {
    this.#sink = sink
    this.#options = options
    this.#earliestEntry = earliestEntry
    this.#broadcast = broadcast
    sink.addDrainListener(this)
  }

  /** Sequence of the next segment to write; null while waiting for a keyframe to enter at. */
  get cursor(): number | null {
    return this.#cursor
  }

  /** The first segment that its socket may still have to send; null if it has sent all. Looked for when it is asked. */
  get heldFrom(): number | null {
    let waiting = this.#sink.bytesWaiting
    if (waiting === 0 || this.#heldFrom === null) {
      return null
    }
    // It is what was written last; of that, what it was written without a gap.
    const first = Math.max(this.#enteredAt, this.#heldFrom)
    for (let sequence = (this.#cursor ?? 0) - 1; sequence > first; sequence--) {
      const segment = this.#broadcast.log.at(sequence)
      if (segment === null) {
        break
      }
      waiting -= segment.bytes.length
      if (waiting <= 0) {
        this.#heldFrom = sequence
        break
      }
    }
    return this.#heldFrom
  }

  /** Time of the last frame written; null before the first. */
  get lastTimestamp(): Ms | null {
    return this.#lastTimestamp
  }

  /** Media time written so far, ms. */
  get playedMs(): number {
    return (this.#lastTimestamp ?? 0) - (this.#firstTimestamp ?? 0)
  }

  /** Frames written, those of preludes excepted. */
  get framesWritten(): number {
    return this.#framesWritten
  }

  /** How often it was too far behind and skipped to the newest keyframe. */
  get skips(): number {
    return this.#skips
  }

  /**
   * Media time (`ElapsedMedia`) between the newest segment and the next one to write; 0 when it is up to date. If that one has left the log
   * already, the log's length: it is further behind than that.
   */
  get lagMs(): number {
    const { log } = this.#broadcast
    if (this.#cursor === null || this.#cursor >= log.end) {
      return 0
    }
    const next = log.at(this.#cursor) ?? log.oldest
    const { newest } = log
    return next === null || newest === null ? 0 : newest.mediaToMs - next.mediaFromMs
  }

  /** How long the socket has taken nothing; 0 if it takes bytes. */
  stalledMs(now: Ms): number {
    return this.#blockedSince === null ? 0 : now - this.#blockedSince
  }

  /** Lets the socket wait to fill a packet, or not. */
  set noDelay(noDelay: boolean) {
    this.#sink.noDelay = noDelay
  }

  /** Everything there is has been handed to its socket. */
  get isUpToDate(): boolean {
    return this.#cursor === this.#broadcast.log.end
  }

  /** The socket takes bytes again. */
  onDrain(): void {
    const { lagMs } = this
    this.pump()
    if (lagMs > 0) {
      this.#broadcast.onLate(lagMs)
    }
  }

  /** Writes what there is for it, as far as the socket takes it. */
  pump(): void {
    if (this.#left) {
      return
    }
    if (this.#sink.blocked) {
      this.#blockedSince ??= this.#broadcast.now()
      return
    }
    this.#blockedSince = null
    const { log } = this.#broadcast
    if (this.#sink.bytesWaiting === 0) {
      this.#heldFrom = null
    }
    if (this.#cursor !== null && log.end - this.#cursor <= 1) {
      this.#writeOn()
    } else {
      // Several pieces, e.g. prelude and GOP, or what was audio only and the keyframe after it: one system call.
      this.#sink.cork()
      this.#writeOn()
      this.#sink.uncork()
    }
  }

  #writeOn(): void {
    let segment = this.#next()
    while (segment !== null) {
      this.#cursor = segment.sequence + 1
      this.#heldFrom ??= segment.sequence
      this.#broadcast.onSent(segment.bytes.length)
      this.#framesWritten += segment.frames
      this.#firstTimestamp ??= segment.firstTimestamp
      this.#lastTimestamp = segment.lastTimestamp
      const isOpen = this.#sink.write(segment.bytes)
      const { durationMs } = this.#options
      if (durationMs !== undefined && this.playedMs >= durationMs) {
        this.end({ code: 'closed', message: 'it has played for as long as it asked to' })
        return
      }
      if (!isOpen) {
        this.#blockedSince = this.#broadcast.now()
        return
      }
      segment = this.#next()
    }
  }

  /** Leaves the broadcast; idempotent. Nothing is written afterwards. */
  leave(): void {
    if (this.#left) {
      return
    }
    this.#left = true
    this.#sink.removeDrainListener(this)
    this.#broadcast.remove(this)
  }

  /** The broadcast gives it up. */
  end(reason: EndReason): void {
    if (this.#left) {
      return
    }
    this.leave()
    this.#options.onEnd(reason)
  }

  /** The next segment to write; enters or skips to the newest keyframe where that is due. */
  #next(): Segment | null {
    const { log } = this.#broadcast
    if (this.#cursor === null) {
      return this.#enter()
    }
    const next = log.at(this.#cursor)
    const newest = log.newest
    if (next === null) {
      // Either everything is written, or what came next has left the log.
      return this.#cursor >= log.end ? null : this.#skip()
    }
    const entry = log.newestEntry
    if (newest !== null && entry !== null && entry.sequence > this.#cursor) {
      if (newest.mediaToMs - next.mediaFromMs > log.maxSpanMs) {
        return this.#skip()
      }
    }
    return next
  }

  #skip(): Segment | null {
    this.#skips++
    this.#broadcast.onSkip()
    this.#cursor = null
    return this.#enter()
  }

  #enter(): Segment | null {
    const entry = this.#broadcast.log.newestEntry
    if (entry === null || entry.sequence < this.#earliestEntry) {
      return null
    }
    if (this.#options.after !== undefined && entry.firstTimestamp <= this.#options.after) {
      return null
    }
    this.#enteredAt = entry.sequence
    // What the prelude can't get into the socket it may wait for: it is small, and the socket was not blocked before.
    const prelude = this.#broadcast.prelude(entry, !this.#started)
    this.#broadcast.onSent(prelude.length)
    this.#sink.write(prelude)
    this.#started = true
    return entry
  }
}
