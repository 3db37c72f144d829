import type { Ms } from '../base/index.ts'
import type { StreamState } from './stream-state.ts'

/** A sealed piece of a broadcast: bytes that never change, written as they are to every player. */
export type Segment = {
  /** Place in the log; counts up by one. */
  readonly sequence: number
  /** The wire bytes of whole frames. */
  readonly bytes: Uint8Array
  /** How many frames. */
  readonly frames: number
  /** Timestamp of its first frame. */
  readonly firstTimestamp: Ms
  /** Timestamp of its last frame. */
  readonly lastTimestamp: Ms
  /** Media time of the broadcast up to its first frame, by which lag is measured, ms: see `ElapsedMedia`. */
  readonly mediaFromMs: number
  /** The same up to its last frame. */
  readonly mediaToMs: number
  /** A player may begin here: it starts with a keyframe, or the stream has no video. */
  readonly entry: boolean
  /** Metadata and sequence headers as of its first frame. */
  readonly state: StreamState
}

/** What a segment is reckoned to cost beside its bytes, so that many tiny ones are bounded, too. */
export const SEGMENT_OVERHEAD_BYTES = 256

/**
 * The append-only log of a broadcast. Old segments leave at the front: those that no player and no newcomer can need,
 * and, past the limits, those that somebody still needed.
 */
export class SegmentLog {
  #maxSpanMs: number
  #maxBytes: number
  #segments: Segment[] = []
  #nextSequence = 0
  #newestEntry: Segment | null = null
  #bytes = 0

  /**
   * @param maxSpanMs media time that a player may stay behind
   * @param maxBytes bytes kept at most, even of one GOP; a segment counts `SEGMENT_OVERHEAD_BYTES` more than its own
   */
  constructor(maxSpanMs: number, maxBytes: number) {
    this.#maxSpanMs = maxSpanMs
    this.#maxBytes = maxBytes
  }

  /** Media time that a player may stay behind, ms. */
  get maxSpanMs(): number {
    return this.#maxSpanMs
  }

  /** Changes the limits; what is over them leaves with the next `trim`. */
  limit(maxSpanMs: number, maxBytes: number): void {
    this.#maxSpanMs = maxSpanMs
    this.#maxBytes = maxBytes
  }

  /** Sequence that the next segment will have. */
  get end(): number {
    return this.#nextSequence
  }

  /** Bytes held, overhead included. */
  get bytes(): number {
    return this.#bytes
  }

  /** The newest segment a player may begin at; null if there is none. */
  get newestEntry(): Segment | null {
    return this.#newestEntry
  }

  /** The oldest segment there still is; null if there is none. */
  get oldest(): Segment | null {
    return this.#segments[0] ?? null
  }

  /** The newest segment; null if there is none. */
  get newest(): Segment | null {
    return this.#segments.at(-1) ?? null
  }

  /** The segment at `sequence`; null if it left or is not there yet. */
  at(sequence: number): Segment | null {
    return this.#segments[sequence - this.#oldestSequence] ?? null
  }

  /** Adds a segment at the end. */
  append(segment: Omit<Segment, 'sequence'>): void {
    const { bytes, frames, firstTimestamp, lastTimestamp, mediaFromMs, mediaToMs, entry, state } = segment
    const sequence = this.#nextSequence++
    const added: Segment = {
      sequence,
      bytes,
      frames,
      firstTimestamp,
      lastTimestamp,
      mediaFromMs,
      mediaToMs,
      entry,
      state,
    }
    this.#segments.push(added)
    this.#bytes += cost(added)
    if (added.entry) {
      this.#newestEntry = added
    }
  }

  /** No player may begin at what is here: the GOP was given up, or the publisher left. */
  forgetEntry(): void {
    this.#newestEntry = null
  }

  /**
   * Lets go of what is needed no more.
   * @param slowestCursor the lowest sequence that a player still has to write
   */
  trim(slowestCursor: number): void {
    const entry = this.#newestEntry?.sequence ?? this.#nextSequence
    const needed = Math.min(entry, slowestCursor)
    const newestMs = this.newest?.mediaToMs ?? 0
    let count = 0
    let bytes = this.#bytes
    for (const segment of this.#segments) {
      const tooOld = segment.sequence < entry && newestMs - segment.mediaFromMs > this.#maxSpanMs
      if (segment.sequence >= needed && !tooOld && bytes <= this.#maxBytes) {
        break
      }
      bytes -= cost(segment)
      count++
    }
    if (count > 0) {
      this.#segments.splice(0, count)
      this.#bytes = bytes
    }
    if (entry < this.#oldestSequence) {
      this.#newestEntry = null
    }
  }

  get #oldestSequence(): number {
    return this.#nextSequence - this.#segments.length
  }
}

function cost(segment: Segment): number {
  return segment.bytes.length + SEGMENT_OVERHEAD_BYTES
}
