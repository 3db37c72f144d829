import type { Clock, Ms } from '../base/index.ts'
import type { SocketSink } from '../net/index.ts'
import type { BroadcastOptions } from './broadcast-options.ts'
import { type BroadcastAccess, BroadcastPlayer, type JoinOptions } from './broadcast-player.ts'
import { ElapsedMedia } from './elapsed-media.ts'
import { FlushLag } from './flush-lag.ts'
import type { FlushPacer } from './flush-pacer.ts'
import { FlushTiming } from './flush-timing.ts'
import { beginsGop, type Frame } from './frame.ts'
import { AUDIO_FRAMES_WITHOUT_VIDEO } from './gop-cache.ts'
import { Preludes } from './preludes.ts'
import { SegmentLog } from './segment-log.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { EndReason, Sink } from './sink.ts'
import type { StreamState } from './stream-state.ts'
import type { WireFormat } from './wire-format.ts'

/** An open segment is flushed at this size at the latest, whatever the frames' kinds and times. */
export const MAX_OPEN_SEGMENT_BYTES: number = 1024 * 1024

/** A flush holds the event loop for so long at first, ms, before others get a turn. */
export const FLUSH_SLICE_MS = 4

/** It holds it for as long as those took in their turn, up to this, ms: so thousands who join at once don't stop it. */
export const MAX_FLUSH_SLICE_MS = 20

/** One step of the timeline counts as lag up to such a part of `queueLengthMs`: a jump alone makes no player skip. */
const MAX_STEP_OF_QUEUE = 0.5

/** Players written to between two looks at the time. */
const PLAYERS_PER_LOOK = 32

/** A segment that frames are still added to. */
type OpenSegment = {
  frames: number
  entry: boolean
  state: StreamState
  firstTimestamp: Ms
  lastTimestamp: Ms
  mediaFromMs: number
  mediaToMs: number
}

/** Counts of a wire format of one stream; they outlive the broadcast. */
export type BroadcastCounters = {
  /** Frames encoded: once each, however many players there are. */
  framesEncoded: number
  /** Wire bytes encoded. */
  bytesEncoded: number
  /** How often a player was too far behind and skipped to the newest keyframe. */
  skips: number
}

/** What a broadcast is made with. */
export type BroadcastSetup = Readonly<{
  /** What its bytes look like. */
  format: WireFormat
  /** Latency, lag and memory. */
  options: BroadcastOptions
  /** Says how long media is gathered before a write. */
  pacer: FlushPacer
  /** Times players that take nothing. */
  clock: Clock
  /** Counts what is encoded. */
  counters: BroadcastCounters
  /** The stream's state at this moment; follows it. */
  state: () => StreamState
  /** Counts what was handed to a player's socket. */
  onSent: (bytes: number) => void
  /** Called when the last player left; the broadcast is not used afterwards. */
  onEmpty: () => void
}>

/**
 * One stream in one wire format, for any number of players. Frames are encoded once, into segments of a shared log; a
 * player is a cursor into that log. A segment never spans a keyframe, so every keyframe is a place to start.
 */
export class Broadcast implements Sink {
  readonly #format: WireFormat
  #options: BroadcastOptions
  readonly #pacer: FlushPacer
  #releasePacer: () => void
  readonly #clock: Clock
  readonly #counters: BroadcastCounters
  readonly #state: () => StreamState
  readonly #onEmpty: () => void
  readonly #log: SegmentLog
  readonly #writer = new SegmentWriter(() => this.#firstNeeded())
  /** What all players share. */
  readonly #access: BroadcastAccess
  readonly #players = new Set<BroadcastPlayer>()
  readonly #media: ElapsedMedia
  #open: OpenSegment | null = null
  readonly #timing = new FlushTiming()
  readonly #lag: FlushLag
  #audioFramesSinceVideo = 0
  /** The players that the present flush has yet to write to; null between flushes. */
  #pass: Iterator<BroadcastPlayer> | null = null
  #slowestInPass = 0
  #passAgain = false
  #empty = false
  #endReason: EndReason | null = null

  /** Made by `Stream.broadcast`. */
  constructor(setup: BroadcastSetup) {
    this.#format = setup.format
    this.#options = setup.options
    this.#pacer = setup.pacer
    this.#releasePacer = setup.pacer.hold(setup.options)
    this.#clock = setup.clock
    this.#counters = setup.counters
    this.#state = setup.state
    this.#onEmpty = setup.onEmpty
    const { queueLengthMs, queueMaxBytes } = setup.options
    this.#log = new SegmentLog(queueLengthMs, queueMaxBytes)
    this.#lag = new FlushLag(setup.clock)
    this.#media = new ElapsedMedia(queueLengthMs * MAX_STEP_OF_QUEUE)
    const preludes = new Preludes(setup.format)
    this.#access = {
      log: this.#log,
      now: () => setup.clock.now(),
      onSent: setup.onSent,
      onLate: (lagMs) => setup.pacer.lag.observe(lagMs),
      onSkip: () => {
        setup.counters.skips++
      },
      prelude: (segment, first) => preludes.of(segment, first),
      remove: (player) => this.#remove(player),
    }
  }

  /** The players there are. */
  get players(): ReadonlySet<BroadcastPlayer> {
    return this.#players
  }

  /** Bytes held for newcomers and for players that are behind; never more than `queueMaxBytes` after a flush. */
  get bytesHeld(): number {
    return this.#log.bytes
  }

  /** So late frames may come to it, ms: it is up to the pacer. */
  get mayBeLateMs(): number {
    return this.#options.minLatency ? 0 : this.#pacer.mayBeLateMs
  }

  /** None: they are encoded at once. */
  get keepsFrames(): boolean {
    return false
  }

  /** Goes on with other options. */
  update(options: BroadcastOptions): void {
    this.#options = options
    this.#log.limit(options.queueLengthMs, options.queueMaxBytes)
    this.#media.maxStepMs = options.queueLengthMs * MAX_STEP_OF_QUEUE
    for (const player of this.#players) {
      player.noDelay = options.tcpNoDelay
    }
    if (!this.#empty) {
      this.#releasePacer()
      this.#releasePacer = this.#pacer.hold(options)
    }
  }

  /** Takes the GOP that came before the first player, as one segment. */
  seed(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.#format.carries(frame)) {
        this.#append(frame)
      }
    }
    this.#seal()
    this.#lag.forget()
  }

  /**
   * Adds a player; it gets the prelude and the newest GOP at once if there is one. If the stream is over, it is told so
   * before this returns.
   * @returns the player; call its `leave()` when its socket closes
   */
  join(sink: SocketSink, options: JoinOptions): BroadcastPlayer {
    const earliest = this.#options.gopCache ? 0 : this.#log.end
    const player = new BroadcastPlayer(sink, options, earliest, this.#access)
    player.noDelay = this.#options.tcpNoDelay
    this.#players.add(player)
    if (this.#endReason === null) {
      player.pump()
    } else {
      player.end(this.#endReason)
    }
    return player
  }

  /** Encodes the frame, and writes to the players when it is time. */
  onFrame(frame: Frame): void {
    if (!this.#format.carries(frame)) {
      return
    }
    this.#lag.onFrame()
    this.#append(frame)
    if (this.#isFlushDue(frame)) {
      this.flush()
    }
  }

  /** What is left is written; who comes now waits for the publisher's return. */
  onPublishEnd(): void {
    this.#seal()
    this.#writer.clear()
    this.#log.forgetEntry()
    this.flush()
  }

  /** The stream is over: every player is told, after its last bytes. */
  onEnd(reason: EndReason): void {
    this.#endReason ??= reason
    this.#seal()
    for (const player of [...this.#players]) {
      player.pump()
      player.end(reason)
    }
    this.#close()
  }

  /**
   * Seals the open segment and lets every player that can take bytes have them. With many players that takes several
   * turns of the event loop, so that nobody else waits long; a flush that comes meanwhile follows on.
   */
  flush(): void {
    this.#seal()
    this.#timing.reset()
    this.#lag.onFlush()
    if (this.#pass !== null) {
      this.#passAgain = true
      return
    }
    this.#beginPass()
  }

  #beginPass(): void {
    this.#pass = this.#players.values()
    this.#passAgain = false
    this.#lag.onPass()
    this.#slowestInPass = this.#log.end
    this.#runSlice(this.#pass, FLUSH_SLICE_MS)
  }

  #runSlice(pass: Iterator<BroadcastPlayer>, sliceMs: number): void {
    const startedAt = this.#clock.now()
    let count = 0
    let upToDate = 0
    // A player that ends within this loop leaves the set, one that joins is added at its end; a Set's iterator allows both.
    for (let next = pass.next(); next.done !== true; next = pass.next()) {
      this.#serve(next.value, startedAt)
      count++
      upToDate += Number(next.value.isUpToDate)
      if (count % PLAYERS_PER_LOOK === 0 && this.#clock.now() - startedAt > sliceMs) {
        this.#pauseSlice(pass, this.#endSlice(startedAt, upToDate))
        return
      }
    }
    this.#endSlice(startedAt, upToDate)
    this.#pass = null
    this.#log.trim(this.#slowestInPass)
    if (this.#players.size === 0) {
      this.#close()
    } else if (this.#passAgain) {
      setImmediate(() => {
        if (this.#passAgain && this.#pass === null) {
          this.#beginPass()
        }
      })
    }
  }

  /** Counts a slice, and those who have got all there is. Returns the time. */
  #endSlice(startedAt: Ms, upToDate: number): Ms {
    const now = this.#clock.now()
    this.#pacer.countFlush(now - startedAt)
    const ageMs = this.#lag.ageMs(now)
    if (ageMs !== null && upToDate > 0) {
      this.#pacer.lag.observe(ageMs, upToDate)
    }
    return now
  }

  /** Gives others a turn; the next slice lasts as long as they took. */
  #pauseSlice(pass: Iterator<BroadcastPlayer>, pausedAt: Ms): void {
    setImmediate(() => {
      const othersMs = this.#clock.now() - pausedAt
      this.#runSlice(pass, Math.min(Math.max(othersMs, FLUSH_SLICE_MS), MAX_FLUSH_SLICE_MS))
    })
  }

  #serve(player: BroadcastPlayer, now: Ms): void {
    player.pump()
    const { stallTimeoutMs } = this.#options
    if (player.stalledMs(now) > stallTimeoutMs) {
      player.end({ code: 'closed', message: `took no bytes for ${stallTimeoutMs} ms (stallTimeoutMs)` })
      return
    }
    this.#slowestInPass = Math.min(this.#slowestInPass, player.cursor ?? this.#slowestInPass)
  }

  #isFlushDue(frame: Frame): boolean {
    const intervalMs = this.#pacer.intervalFor(this.#options)
    const isDue = this.#timing.isDue(frame, intervalMs, this.#options.audioFlushMs)
    return isDue || this.#writer.length >= MAX_OPEN_SEGMENT_BYTES
  }

  #append(frame: Frame): void {
    const isEntry = beginsGop(frame)
    if (isEntry) {
      this.#seal()
    }
    if (frame.kind !== 'data' && frame.trackId === 0) {
      this.#audioFramesSinceVideo = frame.kind === 'audio' ? this.#audioFramesSinceVideo + 1 : 0
    }
    const mediaMs = this.#media.count(frame.timestamp)
    if (this.#open === null) {
      const state = this.#state()
      const videoIsGone = this.#audioFramesSinceVideo > AUDIO_FRAMES_WITHOUT_VIDEO
      const entry = isEntry || !state.hasVideo || videoIsGone
      const { timestamp } = frame
      this.#open = {
        frames: 0,
        entry,
        state,
        firstTimestamp: timestamp,
        lastTimestamp: timestamp,
        mediaFromMs: mediaMs,
        mediaToMs: mediaMs,
      }
    }
    const before = this.#writer.length
    this.#format.append(frame, this.#writer)
    this.#open.frames++
    this.#open.lastTimestamp = frame.timestamp
    this.#open.mediaToMs = mediaMs
    this.#counters.framesEncoded++
    this.#counters.bytesEncoded += this.#writer.length - before
  }

  #seal(): void {
    if (this.#open === null) {
      return
    }
    const { frames, firstTimestamp, lastTimestamp, mediaFromMs, mediaToMs, entry, state } = this.#open
    const bytes = this.#writer.seal()
    this.#log.append({ bytes, frames, firstTimestamp, lastTimestamp, mediaFromMs, mediaToMs, entry, state })
    this.#open = null
    this.#writer.heldBytes = this.#log.bytes
  }

  /** The first segment that somebody may still read: it is in the log, or a player's socket has it. Asked once for a block of memory. */
  #firstNeeded(): number {
    let first = this.#log.oldest?.sequence ?? this.#log.end
    for (const { heldFrom } of this.#players) {
      first = Math.min(first, heldFrom ?? first)
    }
    return first
  }

  #remove(player: BroadcastPlayer): void {
    this.#players.delete(player)
    if (player.heldFrom !== null) {
      // Its socket may go on sending what it has, and nobody asks it any more.
      this.#writer.abandon()
    }
    if (this.#players.size === 0 && this.#pass === null) {
      this.#close()
    }
  }

  #close(): void {
    if (!this.#empty) {
      this.#empty = true
      this.#releasePacer()
      this.#onEmpty()
    }
  }
}
