import type { Clock, Ms } from '../base/index.ts'
import type { SocketSink } from '../net/index.ts'
import { BroadcastPlayer, type JoinOptions } from './broadcast-player.ts'
import type { Frame } from './frame.ts'
import { AUDIO_FRAMES_WITHOUT_VIDEO } from './gop-cache.ts'
import { type Segment, SegmentLog } from './segment-log.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { EndReason, Sink } from './sink.ts'
import type { StreamState } from './stream-state.ts'
import type { WireFormat } from './wire-format.ts'

/** How a broadcast trades latency, cost and memory. */
export type BroadcastOptions = Readonly<{
  /** Media time a player may be behind before it skips to the newest keyframe, ms. SRS: queue_length. Default 10 000. */
  queueLengthMs: number
  /** Wire bytes kept for players that are behind, per stream and format. Default 32 MiB. */
  queueMaxBytes: number
  /** Players are written to at every k-th video frame, audio riding along. Default 1: the lowest latency. */
  videoFramesPerFlush: number
  /** Where video does not set the pace (audio-only streams), media time gathered before a write, ms. Default 100. */
  audioFlushMs: number
  /** A player whose socket takes nothing for so long is disconnected, ms. Default 60 000. */
  stallTimeoutMs: number
  /** A newcomer starts at the newest keyframe that is past (true) or at the next to come (false). Default true. */
  gopCache: boolean
}>

/** An open segment is flushed at this size at the latest, whatever the frames' kinds and times. */
export const MAX_OPEN_SEGMENT_BYTES: number = 1024 * 1024

/** The defaults of `BroadcastOptions`. */
export const defaultBroadcastOptions: BroadcastOptions = {
  queueLengthMs: 10_000,
  queueMaxBytes: 32 * 1024 * 1024,
  videoFramesPerFlush: 1,
  audioFlushMs: 100,
  stallTimeoutMs: 60_000,
  gopCache: true,
}

/** Counts of a wire format of one stream; they outlive the broadcast. */
export type BroadcastCounters = {
  /** Frames encoded: once each, however many players there are. */
  framesEncoded: number
  /** Wire bytes encoded. */
  bytesEncoded: number
}

/** What a broadcast is made with. */
export type BroadcastSetup = Readonly<{
  /** What its bytes look like. */
  format: WireFormat
  /** Latency, lag and memory. */
  options: BroadcastOptions
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
  readonly #options: BroadcastOptions
  readonly #clock: Clock
  readonly #counters: BroadcastCounters
  readonly #state: () => StreamState
  readonly #onSent: (bytes: number) => void
  readonly #onEmpty: () => void
  readonly #log: SegmentLog
  readonly #writer = new SegmentWriter()
  readonly #players = new Set<BroadcastPlayer>()
  /** Preludes by segment and kind, so that a thousand newcomers cost one. */
  readonly #preludes = new WeakMap<Segment, { first?: Uint8Array; again?: Uint8Array }>()
  #open: { entry: boolean; state: StreamState; firstTimestamp: Ms; lastTimestamp: Ms } | null = null
  #videoFramesSinceFlush = 0
  /** Where what came since the last video frame or flush begins; null if nothing did. */
  #unpacedSince: Ms | null = null
  #audioFramesSinceVideo = 0
  #flushing = false
  #endReason: EndReason | null = null

  /** Made by `Stream.broadcast`. */
  constructor(setup: BroadcastSetup) {
    this.#format = setup.format
    this.#options = setup.options
    this.#clock = setup.clock
    this.#counters = setup.counters
    this.#state = setup.state
    this.#onSent = setup.onSent
    this.#onEmpty = setup.onEmpty
    this.#log = new SegmentLog(setup.options.queueLengthMs, setup.options.queueMaxBytes)
  }

  /** The players there are. */
  get players(): ReadonlySet<BroadcastPlayer> {
    return this.#players
  }

  /** Bytes held for newcomers and for players that are behind; never more than `queueMaxBytes` after a flush. */
  get bytesHeld(): number {
    return this.#log.bytes
  }

  /** Takes the GOP that came before the first player, as one segment. */
  seed(frames: readonly Frame[]): void {
    for (const frame of frames) {
      this.#append(frame)
    }
    this.#seal()
  }

  /**
   * Adds a player; it gets the prelude and the newest GOP at once if there is one. If the stream is over, it is told so
   * before this returns.
   * @returns the player; call its `leave()` when its socket closes
   */
  join(sink: SocketSink, options: JoinOptions): BroadcastPlayer {
    const earliest = this.#options.gopCache ? 0 : this.#log.end
    const player: BroadcastPlayer = new BroadcastPlayer(sink, options, earliest, {
      log: this.#log,
      queueLengthMs: this.#options.queueLengthMs,
      now: () => this.#clock.now(),
      onSent: this.#onSent,
      prelude: (segment, first) => this.#prelude(segment, first),
      remove: () => this.#remove(player),
    })
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
    this.#append(frame)
    if (this.#isFlushDue(frame)) {
      this.flush()
    }
  }

  /** What is left is written; who comes now waits for the publisher's return. */
  onPublishEnd(): void {
    this.#seal()
    this.#log.forgetEntry()
    this.flush()
  }

  /** The stream is over: every player is told, after its last bytes. */
  onEnd(reason: EndReason): void {
    this.#endReason ??= reason
    this.flush()
    for (const player of [...this.#players]) {
      player.end(reason)
    }
  }

  /** Seals the open segment and lets every player that can take bytes have them. */
  flush(): void {
    this.#seal()
    this.#videoFramesSinceFlush = 0
    this.#unpacedSince = null
    // A player that ends within this loop leaves the set; a Set's iteration allows that.
    const now = this.#clock.now()
    let slowest = this.#log.end
    this.#flushing = true
    for (const player of this.#players) {
      player.pump()
      if (player.stalledMs(now) > this.#options.stallTimeoutMs) {
        player.end({
          code: 'closed',
          message: `took no bytes for ${this.#options.stallTimeoutMs} ms (stallTimeoutMs)`,
        })
        continue
      }
      slowest = Math.min(slowest, player.cursor ?? slowest)
    }
    this.#flushing = false
    this.#log.trim(slowest)
    if (this.#players.size === 0) {
      this.#onEmpty()
    }
  }

  #isFlushDue(frame: Frame): boolean {
    if (isPicture(frame)) {
      this.#unpacedSince = null
      this.#videoFramesSinceFlush++
      if (this.#videoFramesSinceFlush >= this.#options.videoFramesPerFlush) {
        return true
      }
    } else {
      this.#unpacedSince ??= frame.timestamp
      if (frame.timestamp - this.#unpacedSince >= this.#options.audioFlushMs) {
        return true
      }
    }
    return this.#writer.length >= MAX_OPEN_SEGMENT_BYTES
  }

  #append(frame: Frame): void {
    if (frame.keyframe) {
      this.#seal()
    }
    if (frame.kind !== 'data') {
      this.#audioFramesSinceVideo = frame.kind === 'audio' ? this.#audioFramesSinceVideo + 1 : 0
    }
    if (this.#open === null) {
      const state = this.#state()
      const videoIsGone = this.#audioFramesSinceVideo > AUDIO_FRAMES_WITHOUT_VIDEO
      const entry = frame.keyframe || !state.hasVideo || videoIsGone
      this.#open = { entry, state, firstTimestamp: frame.timestamp, lastTimestamp: frame.timestamp }
    }
    const before = this.#writer.length
    this.#format.append(frame, this.#writer)
    this.#open.lastTimestamp = frame.timestamp
    this.#counters.framesEncoded++
    this.#counters.bytesEncoded += this.#writer.length - before
  }

  #seal(): void {
    if (this.#open === null) {
      return
    }
    this.#log.append({ ...this.#open, bytes: this.#writer.seal() })
    this.#open = null
  }

  #prelude(segment: Segment, first: boolean): Uint8Array {
    const built = this.#preludes.get(segment) ?? {}
    const kind = first ? 'first' : 'again'
    const bytes = built[kind] ?? this.#format.prelude(preludeContext(segment, first))
    built[kind] = bytes
    this.#preludes.set(segment, built)
    return bytes
  }

  #remove(player: BroadcastPlayer): void {
    this.#players.delete(player)
    if (this.#players.size === 0 && !this.#flushing) {
      this.#onEmpty()
    }
  }
}

function preludeContext(
  segment: Segment,
  first: boolean,
): { state: StreamState; timestamp: Ms; first: boolean } {
  const { state, firstTimestamp } = segment
  // A sequence header that an earlier publisher left behind would have players wait for a track that never comes.
  const present: StreamState = {
    ...state,
    videoSequenceHeader: state.hasVideo ? state.videoSequenceHeader : null,
    audioSequenceHeader: state.hasAudio ? state.audioSequenceHeader : null,
  }
  return { state: present, timestamp: firstTimestamp, first }
}

function isPicture(frame: Frame): boolean {
  return frame.kind === 'video' && !frame.sequenceHeader
}
