import { type Ms, ms } from '../base/index.ts'
import type { FrameKind } from './frame.ts'

const TWO_TO_31 = 0x80000000
const TWO_TO_32 = 0x100000000

/** A step forward of the publisher's clock that is still taken for real; a longer one is closed up. */
export const MAX_FORWARD_STEP_MS = 10_000

/** How far audio and video may be sent behind each other; what is further off has a clock of its own. */
export const MAX_INTERLEAVING_MS = 3_000

/** A step back within audio, or within video, that is still taken for disorder; a longer one is closed up. */
export const MAX_BACKWARD_STEP_MS = 1_000

/** How much later than it is decoded a picture may be shown, to be believed. */
export const MAX_REORDERING_MS = 3_000

/** What stands between two frames where the publisher's clock says nothing useful: after a jump or a reconnect. */
const UNKNOWN_STEP_MS = 10

/** A longest step that is believed to be the distance of neighbouring frames. */
const MAX_FRAME_STEP_MS = 200

/** Where audio, or video, stands. */
type Track = {
  /** Newest position given out; -1 before the first. */
  position: number
  /** Newest publisher's time since the clock last jumped, unwrapped; null before the first frame of a publication. */
  source: number | null
  /** What turns unwrapped publisher time into a position. */
  offset: number
  /** The distance of its frames, as far as it is known. */
  step: number
}

/**
 * Turns a publisher's 32-bit wrapping, jumping, sometimes backward clock into one clock of the stream that never wraps,
 * never goes back within a kind, and continues when a publisher returns. A clean clock passes unchanged. Where audio and
 * video jump by the same, one after the other, they stay together.
 */
export class Timeline {
  readonly #tracks: Readonly<Record<'audio' | 'video', Track>> = {
    audio: { position: -1, source: null, offset: 0, step: UNKNOWN_STEP_MS },
    video: { position: -1, source: null, offset: 0, step: UNKNOWN_STEP_MS },
  }
  /** Newest position given out; -1 before the first. */
  #newest = -1
  /** When the last picture in order of presentation is shown; -1 before the first. */
  #lastShown = -1

  /** The newest position given out; 0 before the first. */
  get newest(): Ms {
    return ms(Math.max(this.#newest, 0))
  }

  /** A new publication begins: its clock, whatever it shows, continues right after all that was decoded or is to be shown. */
  restart(): void {
    this.#tracks.audio.source = null
    this.#tracks.video.source = null
    this.#newest = Math.max(this.#newest, this.#lastShown)
  }

  /**
   * Tells when a picture is shown. The end of a publication may cut B-frames off that come between; pictures of the next
   * publication must not be shown before it.
   * @param position what `place` gave for it
   */
  show(position: Ms, compositionOffset: number): void {
    if (compositionOffset <= MAX_REORDERING_MS) {
      this.#lastShown = Math.max(this.#lastShown, position + compositionOffset)
    }
  }

  /**
   * The position of a media frame.
   * @param sourceTime the publisher's timestamp, 32-bit unsigned milliseconds
   */
  place(kind: 'audio' | 'video', sourceTime: number): Ms {
    const track = this.#tracks[kind]
    // Not below 0: audio may begin a little before the time 0 of video, as a time just under 2^32.
    const position = Math.max(this.#follow(kind, sourceTime), track.position, 0)
    const step = position - track.position
    if (track.position >= 0 && step > 0 && step <= MAX_FRAME_STEP_MS) {
      track.step = step
    }
    track.position = position
    this.#newest = Math.max(this.#newest, position)
    return ms(position)
  }

  /**
   * The position of what carries no time of its own: for sequence headers that of the kind's last frame, for metadata the
   * newest there is. Encoders stamp these with 0 in mid-stream, so they must not move the clock.
   */
  placeUntimed(kind: FrameKind): Ms {
    if (kind === 'data') {
      return this.newest
    }
    const { position } = this.#tracks[kind]
    // The kind's first frame may be sent behind the other kind's.
    return ms(position >= 0 ? position : Math.max(this.#newest - MAX_INTERLEAVING_MS, 0))
  }

  /** Where the publisher's clock says that a frame is; where that clock has jumped, right behind what there is. */
  #follow(kind: 'audio' | 'video', sourceTime: number): number {
    const own = this.#tracks[kind]
    const other = this.#tracks[kind === 'audio' ? 'video' : 'audio']
    const ownStep = own.source === null ? null : stepWithin(own.source, sourceTime, MAX_BACKWARD_STEP_MS)
    const otherStep = other.source === null ? null : stepWithin(other.source, sourceTime, MAX_INTERLEAVING_MS)
    // The other kind has begun, or jumped, before this one does.
    const isAhead = own.source === null || other.offset !== own.offset
    if (other.source !== null && otherStep !== null) {
      const time = other.source + otherStep
      // If it is not ahead, it can still tell that a pause of this kind was no jump.
      const isPossible = time + other.offset >= own.position - (isAhead ? MAX_INTERLEAVING_MS : 0)
      // The nearer one counts: by the same jump, one kind may go just past a limit and the other not.
      const isNearer = ownStep === null || (isAhead && Math.abs(otherStep) < Math.abs(ownStep))
      if (isPossible && isNearer) {
        own.source = time
        own.offset = other.offset
        return time + own.offset
      }
    }
    if (own.source !== null && ownStep !== null) {
      const time = own.source + ownStep
      // Kept as the newest: a row of small steps back is a jump, too.
      own.source = Math.max(time, own.source)
      return time + own.offset
    }
    own.source = sourceTime
    // By the longer step, so that neither kind comes closer to its last frame than its frames are.
    const step = Math.max(own.step, other.step)
    own.offset = this.#newest < 0 ? 0 : this.#newest + step - sourceTime
    return sourceTime + own.offset
  }
}

/** The shortest way from an unwrapped time to a 32-bit one; null if it is too long to be believed. */
function stepWithin(source: number, sourceTime: number, maxBackwardMs: number): number | null {
  const wrapped = source - Math.floor(source / TWO_TO_32) * TWO_TO_32
  let step = sourceTime - wrapped
  if (step >= TWO_TO_31) {
    step -= TWO_TO_32
  } else if (step < -TWO_TO_31) {
    step += TWO_TO_32
  }
  return step >= -maxBackwardMs && step <= MAX_FORWARD_STEP_MS ? step : null
}
