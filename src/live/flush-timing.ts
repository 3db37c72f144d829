import type { Ms } from '../base/index.ts'
import { type Frame, isConfiguration } from './frame.ts'

/**
 * Says of each frame of a broadcast whether what has gathered is to be written now. The stream's own time is the clock, so that no
 * timer is needed: pictures set the pace, and where there are none, what comes in their place.
 */
export class FlushTiming {
  /** Timestamp of the first picture since the last flush; null if there was none. */
  #gatheredSince: Ms | null = null
  #lastPicture: Ms | null = null
  /** Where what came since the last picture or flush begins; null if nothing did. */
  #unpacedSince: Ms | null = null

  /** What had gathered is written. */
  reset(): void {
    this.#gatheredSince = null
    this.#unpacedSince = null
  }

  /**
   * Counts a frame.
   * @param intervalMs media to gather between two flushes where pictures set the pace; 0 for one at each picture
   * @param audioFlushMs the least to gather where none do
   * @returns whether a flush is due with it
   */
  isDue(frame: Frame, intervalMs: number, audioFlushMs: number): boolean {
    if (isPicture(frame)) {
      this.#unpacedSince = null
      return this.#isPictureDue(frame.timestamp, intervalMs)
    }
    this.#unpacedSince ??= frame.timestamp
    return frame.timestamp - this.#unpacedSince >= Math.max(audioFlushMs, intervalMs)
  }

  /** Whether what is gathered would be more than `intervalMs` of media with one more picture like this. */
  #isPictureDue(timestamp: Ms, intervalMs: number): boolean {
    const step = this.#lastPicture === null ? 0 : timestamp - this.#lastPicture
    this.#lastPicture = timestamp
    this.#gatheredSince ??= timestamp
    return intervalMs === 0 || timestamp - this.#gatheredSince + 2 * step > intervalMs
  }
}

function isPicture(frame: Frame): boolean {
  return frame.kind === 'video' && frame.trackId === 0 && !isConfiguration(frame)
}
