import { type Clock, type Ms, ms } from '../../base/index.ts'

/** How far the dates may be from the wall clock, ms, before they are set anew. */
export const MAX_DATE_DRIFT_MS = 1000

/**
 * EXT-X-PROGRAM-DATE-TIME (RFC 8216, 4.3.2.6). Dates follow the timeline, so that they agree with the segments' durations
 * whatever the jitter of arrival; a publisher's clock that drifts away from ours is followed in steps.
 */
export class ProgramDateTime {
  readonly #wallClock: Pick<Clock, 'wallTime'>
  /** The wall-clock time of position 0 of the timeline; null until a first frame tells. */
  #origin: number | null = null

  /** @param wallClock asked once per segment */
  constructor(wallClock: Pick<Clock, 'wallTime'>) {
    this.#wallClock = wallClock
  }

  /** The timeline no longer says how much time has passed. */
  restart(): void {
    this.#origin = null
  }

  /**
   * When the frame at `timestamp` happened, ms since the Unix epoch.
   * @param newest the time of the newest frame, which is taken to happen now
   */
  at(timestamp: Ms, newest: Ms): Ms {
    const origin = this.#wallClock.wallTime() - newest
    if (this.#origin === null || Math.abs(origin - this.#origin) > MAX_DATE_DRIFT_MS) {
      this.#origin = origin
    }
    return ms(this.#origin + timestamp)
  }
}
