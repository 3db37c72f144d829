import {
  type ClockReading,
  MAX_BACKWARD_STEP_MS,
  MAX_FORWARD_STEP_MS,
  MAX_INTERLEAVING_MS,
  type MediaKind,
  type OfEachKind,
  otherKind,
  shortestStep,
  type TimelineEnds,
} from './clock-reading.ts'

/** RTMP's clock has 32 bits. Some peers use 31 of them (FFmpeg, SRS); a step that is short modulo 2^31 is a step of both. */
const CLOCK_MODULUS = 0x80000000

/** The publisher's clock, as far as one kind has shown it. */
type Track = {
  /** Newest time since the clock last jumped, unwrapped; null before the first frame of the publication. */
  source: number | null
  /** The last time, which may be older; unwrapped like `source`. */
  last: number
  /** How far the clock has come forward since it stepped back behind `source`, and has not caught up. */
  held: number
  /** What turns unwrapped time into a position. */
  offset: number
}

/**
 * Closes jumps up (SRS: time_jitter full): where the clock takes a step that is not to be believed, its next frame follows
 * right behind what there is. Steps that are believed keep their length, so a clean clock passes unchanged. Where audio and
 * video jump by the same, one after the other, they stay together.
 */
export class JumpClosing implements ClockReading {
  readonly #tracks: OfEachKind<Track> = {
    audio: { source: null, last: 0, held: 0, offset: 0 },
    video: { source: null, last: 0, held: 0, offset: 0 },
  }

  /** Where the clock says that the frame is; where the clock has jumped, right behind what there is. */
  read(kind: MediaKind, sourceTime: number, ends: TimelineEnds): number {
    const own = this.#tracks[kind]
    const other = this.#tracks[otherKind(kind)]
    const ownStep = own.source === null ? null : believedStep(own.source, sourceTime, MAX_BACKWARD_STEP_MS)
    const otherStep =
      other.source === null ? null : believedStep(other.source, sourceTime, MAX_INTERLEAVING_MS)
    // The other kind has begun, or jumped, before this one does.
    const isAhead = own.source === null || other.offset !== own.offset
    if (other.source !== null && otherStep !== null) {
      const time = other.source + otherStep
      // If it is not ahead, it can still tell that a pause of this kind was no jump.
      const earliest = ends.positionOf(kind) - (isAhead ? MAX_INTERLEAVING_MS : 0)
      // The nearer one counts: by the same jump, one kind may go just past a limit and the other not.
      const isNearer = ownStep === null || (isAhead && Math.abs(otherStep) < Math.abs(ownStep))
      if (isNearer && time + other.offset >= earliest) {
        own.source = time
        own.last = time
        own.held = 0
        own.offset = other.offset
        return time + own.offset
      }
    }
    if (own.source !== null && ownStep !== null && this.#advance(own, own.source + ownStep)) {
      return own.last + own.offset
    }
    own.source = sourceTime
    own.last = sourceTime
    own.held = 0
    own.offset = ends.end === null ? 0 : ends.end - sourceTime
    return sourceTime + own.offset
  }

  /**
   * Takes a time that is believed to follow; false if the clock has gone on for too long behind where it was: then it is
   * no disorder, e.g. a very short clip that is looped. A row of small steps back is a jump in the end, for `source` stays.
   */
  #advance(track: Track, time: number): boolean {
    const newest = track.source ?? time
    track.held = time > newest ? 0 : track.held + Math.max(0, time - track.last)
    track.source = Math.max(newest, time)
    track.last = time
    return track.held <= MAX_BACKWARD_STEP_MS
  }
}

/** The shortest way from an unwrapped time to one of the publisher; null if it is too long to be believed. */
function believedStep(source: number, sourceTime: number, maxBackwardMs: number): number | null {
  const step = shortestStep(source, sourceTime, CLOCK_MODULUS)
  return step >= -maxBackwardMs && step <= MAX_FORWARD_STEP_MS ? step : null
}
