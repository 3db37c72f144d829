import { type Ms, ms } from '../base/index.ts'

const TWO_TO_31 = 0x80000000
const TWO_TO_32 = 0x100000000

/** How far a data message may be stamped from the media it comes with; one further off has a clock of its own. */
export const MAX_DATA_DISTANCE_MS = 3_000

/**
 * Places a publisher's text data and cue points on the stream's timeline: as far from the last media frame as the
 * publisher's timestamps are. They never move the clock of the media.
 */
export class DataTimes {
  #source: number | null = null
  #position = 0
  #newest = 0

  /** A media frame with that timestamp of the publisher, 32-bit unsigned milliseconds, was placed there. */
  onMedia(source: number, position: Ms): void {
    this.#source = source
    this.#position = position
  }

  /**
   * The position of a data message.
   * @param source the publisher's timestamp, 32-bit unsigned milliseconds
   * @param otherwise for one whose timestamp has nothing to do with that of the media
   * @returns never less than the time before
   */
  place(source: number, otherwise: Ms): Ms {
    const step = this.#source === null ? null : signedStep(this.#source, source)
    const position =
      step === null || Math.abs(step) > MAX_DATA_DISTANCE_MS ? otherwise : this.#position + step
    this.#newest = Math.max(this.#newest, position)
    return ms(this.#newest)
  }
}

/** The shortest way from one 32-bit time to another. */
function signedStep(from: number, to: number): number {
  const step = to - from
  return step >= TWO_TO_31 ? step - TWO_TO_32 : step < -TWO_TO_31 ? step + TWO_TO_32 : step
}
