/** The kinds of frames that have a time of their own. */
export type MediaKind = 'audio' | 'video'

/** The audio's and the video's. */
export type OfEachKind<T> = Record<MediaKind, T>

/** What a reading of the publisher's clock may know of the timeline. */
export type TimelineEnds = Readonly<{
  /** Newest position of the kind; -1 before the first. */
  positionOf(kind: MediaKind): number
  /** Newest position of either kind; 0 before the first. */
  newest: number
  /** Where a frame belongs that nothing is known of: right behind all there is. Null before the first. */
  end: number | null
}>

/**
 * A way to read the publisher's clock during one publication: the rules behind a `Timeline`, which sees to it that what they
 * say never goes back.
 */
export interface ClockReading {
  /**
   * Where a frame is.
   * @param sourceTime the publisher's timestamp, 32-bit unsigned milliseconds
   * @param ends the timeline before this frame
   */
  read(kind: MediaKind, sourceTime: number, ends: TimelineEnds): number
}

/** A step forward of the publisher's clock that is still taken for real; a longer one is a jump. */
export const MAX_FORWARD_STEP_MS = 10_000

/** How far audio and video may be sent behind each other; what is further off has a clock of its own. */
export const MAX_INTERLEAVING_MS = 3_000

/** A step back within audio, or within video, that is still taken for disorder; a longer one is a jump. */
export const MAX_BACKWARD_STEP_MS = 1_000

/** The other kind. */
export function otherKind(kind: MediaKind): MediaKind {
  return kind === 'audio' ? 'video' : 'audio'
}

/** The shorter way from one time to another on a clock that wraps at `modulus`: from -modulus/2 on, and below modulus/2. */
export function shortestStep(from: number, to: number, modulus: number): number {
  const forward = positiveRemainder(to - from, modulus)
  return forward >= modulus / 2 ? forward - modulus : forward
}

/** The remainder that is not negative. By arithmetic: bit operators would cut the numbers to 32 bits. */
export function positiveRemainder(value: number, modulus: number): number {
  const remainder = value % modulus
  return remainder < 0 ? remainder + modulus : remainder
}
