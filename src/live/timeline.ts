import { type Ms, ms } from '../base/index.ts'
import type { FrameKind } from './frame.ts'

const TWO_TO_31 = 0x80000000
const TWO_TO_32 = 0x100000000

/** A step forward of the publisher's clock that is still taken for real; a longer one is closed up. */
export const MAX_FORWARD_STEP_MS = 10_000

/** A step back that is still taken for interleaving (audio sent behind video, or the other way round). */
export const MAX_BACKWARD_STEP_MS = 3_000

/** What stands between two frames where the publisher's clock says nothing useful: after a jump or a reconnect. */
const UNKNOWN_STEP_MS = 10

/** A longest step that is believed to be the distance of neighbouring frames. */
const MAX_FRAME_STEP_MS = 200

/**
 * Turns a publisher's 32-bit wrapping, jumping, sometimes backward clock into one clock of the stream that never wraps,
 * never goes back within a kind, and continues when a publisher returns. A clean clock passes unchanged.
 */
export class Timeline {
  readonly #last: Record<'audio' | 'video', number> = { audio: -1, video: -1 }
  /** Newest position given out; -1 before the first. */
  #newest = -1
  /** Last publisher time, unwrapped; null before the first media frame of a publication. */
  #lastSource: number | null = null
  /** What turns unwrapped publisher time into a position. */
  #offset = 0
  #frameStep = UNKNOWN_STEP_MS

  /** The newest position given out; 0 before the first. */
  get newest(): Ms {
    return ms(Math.max(this.#newest, 0))
  }

  /** A new publication begins: its clock, whatever it shows, continues right after the newest position. */
  restart(): void {
    this.#lastSource = null
  }

  /**
   * The position of a media frame.
   * @param sourceTime the publisher's timestamp, 32-bit unsigned milliseconds
   */
  place(kind: 'audio' | 'video', sourceTime: number): Ms {
    const unwrapped = this.#unwrap(sourceTime)
    const position = Math.max(unwrapped + this.#offset, this.#last[kind])
    const step = position - this.#last[kind]
    if (this.#last[kind] >= 0 && step > 0 && step <= MAX_FRAME_STEP_MS) {
      this.#frameStep = step
    }
    this.#last[kind] = position
    this.#newest = Math.max(this.#newest, position)
    return ms(position)
  }

  /**
   * The position of what carries no time of its own (metadata, sequence headers): the newest there is. Encoders stamp
   * these with 0 in mid-stream, so they must not move the clock.
   */
  placeUntimed(kind: FrameKind): Ms {
    return ms(Math.max(this.#newest, kind === 'data' ? 0 : this.#last[kind], 0))
  }

  #unwrap(sourceTime: number): number {
    const last = this.#lastSource
    if (last === null) {
      this.#lastSource = sourceTime
      if (this.#newest >= 0) {
        this.#offset = this.#newest + this.#frameStep - sourceTime
      }
      return sourceTime
    }
    const lastWrapped = last - Math.floor(last / TWO_TO_32) * TWO_TO_32
    let step = sourceTime - lastWrapped
    if (step >= TWO_TO_31) {
      step -= TWO_TO_32
    } else if (step < -TWO_TO_31) {
      step += TWO_TO_32
    }
    const unwrapped = last + step
    if (step > MAX_FORWARD_STEP_MS || step < -MAX_BACKWARD_STEP_MS) {
      this.#offset = this.#newest + this.#frameStep - unwrapped
    }
    this.#lastSource = unwrapped
    return unwrapped
  }
}
