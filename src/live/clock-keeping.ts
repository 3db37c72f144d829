import {
  type ClockReading,
  MAX_FORWARD_STEP_MS,
  MAX_INTERLEAVING_MS,
  type MediaKind,
  type OfEachKind,
  otherKind,
  positiveRemainder,
  shortestStep,
  type TimelineEnds,
} from './clock-reading.ts'

const TWO_TO_32 = 0x100000000

/**
 * Keeps the publisher's clock with all its jumps (SRS: time_jitter off and zero, atc). Time is counted on where 32 bits wrap,
 * and a step back is taken for the rest of the way round: it is then another time for the stream, which never goes back,
 * but the same one for RTMP and FLV, whose times have 32 bits, and for MPEG-TS, as 90 ticks times 2^32 are a multiple of 2^33.
 * A step back that may be disorder, of `MAX_INTERLEAVING_MS` at most, is left to the timeline, which stands still then.
 */
export class ClockKeeping implements ClockReading {
  readonly #startsAtZero: boolean
  /** Newest unwrapped times; null before the first. */
  readonly #newest: OfEachKind<number | null> = { audio: null, video: null }
  /** Where a kind was when the other one went another way round; null if they are together. */
  readonly #leftAt: OfEachKind<number | null> = { audio: null, video: null }
  #offset = 0

  /** @param startsAtZero the first frame is at 0, or right behind what there is; false: at the publisher's time */
  constructor(startsAtZero: boolean) {
    this.#startsAtZero = startsAtZero
  }

  /** Where the clock says that the frame is. */
  read(kind: MediaKind, sourceTime: number, ends: TimelineEnds): number {
    const own = this.#newest[kind]
    const other = this.#newest[otherKind(kind)]
    let time: number
    if (own === null && other === null) {
      time = this.#begin(sourceTime, ends)
    } else {
      const newest = Math.max(own ?? Number.NEGATIVE_INFINITY, other ?? Number.NEGATIVE_INFINITY)
      time = newest + shortestStep(newest, sourceTime, TWO_TO_32)
      if (own !== null) {
        time = this.#straggler(kind, own, newest, sourceTime) ?? time
      }
      time += time < (own ?? newest) - MAX_INTERLEAVING_MS ? TWO_TO_32 : 0
    }
    this.#newest[kind] = Math.max(own ?? time, time)
    return time + this.#offset
  }

  #begin(sourceTime: number, { newest, end }: TimelineEnds): number {
    if (this.#startsAtZero) {
      this.#offset = (end ?? 0) - sourceTime
      return sourceTime
    }
    if (end === null) {
      return sourceTime
    }
    const earliest = newest - MAX_INTERLEAVING_MS
    return earliest + positiveRemainder(sourceTime - earliest, TWO_TO_32)
  }

  /** The time of a frame from before the jump that the other kind has made already; null for any other. */
  #straggler(kind: MediaKind, own: number, newest: number, sourceTime: number): number | null {
    const step = shortestStep(own, sourceTime, TWO_TO_32)
    const isBehind = newest - own > TWO_TO_32 / 2
    if (!isBehind || step < -MAX_INTERLEAVING_MS || step > MAX_FORWARD_STEP_MS) {
      this.#leftAt[kind] = null
      return null
    }
    const leftAt = this.#leftAt[kind] ?? own
    this.#leftAt[kind] = leftAt
    return own + step - leftAt <= MAX_INTERLEAVING_MS ? own + step : null
  }
}
