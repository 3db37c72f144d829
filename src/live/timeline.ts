import { type Ms, ms } from '../base/index.ts'
import { ClockKeeping } from './clock-keeping.ts'
import {
  type ClockReading,
  MAX_INTERLEAVING_MS,
  type MediaKind,
  type OfEachKind,
  type TimelineEnds,
} from './clock-reading.ts'
import type { FrameKind } from './frame.ts'
import { JumpClosing } from './jump-closing.ts'
import { defaultTimeOptions, type TimeOptions } from './time-options.ts'

/** How much later than it is decoded a picture may be shown, to be believed. */
export const MAX_REORDERING_MS = 10_000

/** How much earlier than it is decoded a picture may be shown, to be believed: some encoders count so. */
export const MAX_EARLY_PRESENTATION_MS = 1_000

/** The last position there is, about 2200 years; in 90 kHz ticks it is still a whole number that is exact. */
export const MAX_POSITION_MS: number = 2 ** 46

/** What stands between two frames where the publisher's clock says nothing useful: after a jump or a reconnect. */
const UNKNOWN_STEP_MS = 10

/** A longest step that is believed to be the distance of neighbouring frames, and then stands behind a jump. */
export const MAX_FRAME_STEP_MS = 200

/** Where audio, or video, stands. */
type Track = {
  /** Newest position given out; -1 before the first. */
  position: number
  /** Newest position given out for its sequence headers, of which the first may come before any frame; -1 before that. */
  header: number
  /** The distance of its frames, as far as it is known. */
  step: number
}

/**
 * Turns a publisher's 32-bit wrapping, jumping, sometimes backward clock into one clock of the stream, in whole milliseconds,
 * that never wraps, never goes back within a kind, and never passes `MAX_POSITION_MS`. How the clock is read, and what becomes
 * of its jumps, is up to the options. Unless they say otherwise, a clean clock passes unchanged, no jump leaves a gap, and the
 * clock continues when a publisher returns.
 */
export class Timeline implements TimelineEnds {
  #options: TimeOptions
  readonly #tracks: Readonly<OfEachKind<Track>> = {
    audio: { position: -1, header: -1, step: UNKNOWN_STEP_MS },
    video: { position: -1, header: -1, step: UNKNOWN_STEP_MS },
  }
  #reading: ClockReading
  #keepsAbsoluteTime = false
  #newest = -1
  /** When the last picture in order of presentation is shown; -1 before the first. */
  #lastShown = -1
  /** The same, of the publications before; -1 before the first. */
  #shownBefore = -1

  /** @param options how the publisher's clock is read */
  constructor(options: TimeOptions = defaultTimeOptions) {
    this.#options = options
    this.#reading = readingFor(options)
  }

  /** Newest position given out, or when all pictures of earlier publications have been shown; 0 before the first. */
  get newest(): Ms {
    return ms(Math.max(this.#newest, 0))
  }

  /** Newest position of the kind; -1 before the first. */
  positionOf(kind: MediaKind): number {
    return this.#tracks[kind].position
  }

  /** Right behind all there is, no closer to the last frame of either kind than its frames are; null before the first. */
  get end(): number | null {
    const { audio, video } = this.#tracks
    if (this.#newest < 0) {
      return null
    }
    const audioEnd = audio.position < 0 ? 0 : audio.position + audio.step
    const videoEnd = video.position < 0 ? 0 : Math.max(video.position, this.#shownBefore) + video.step
    return Math.max(audioEnd, videoEnd)
  }

  /**
   * A new publication begins: its clock, whatever it shows, continues right after all that was decoded or is to be shown.
   * @param options how that clock is read. Default: as the one before
   */
  restart(options: TimeOptions = this.#options): void {
    this.#options = options
    this.#reading = readingFor(options)
    this.#keepsAbsoluteTime = false
    this.#shownBefore = this.#lastShown
    this.#newest = Math.max(this.#newest, this.#lastShown)
  }

  /** The present publisher's absolute time is kept from now on, as with the option `atc`. */
  keepAbsoluteTime(): void {
    if (!this.#keepsAbsoluteTime) {
      this.#keepsAbsoluteTime = true
      this.#reading = new ClockKeeping(false)
    }
  }

  /**
   * Tells when a picture is shown. The end of a publication may cut B-frames off that come between; pictures of the next
   * publication must not be shown before it.
   * @param position what `place` gave for it
   * @returns the offset; 0 for one that is not to be believed
   */
  show(position: Ms, compositionOffset: number): Ms {
    if (compositionOffset < -MAX_EARLY_PRESENTATION_MS || compositionOffset > MAX_REORDERING_MS) {
      return ms(0)
    }
    this.#lastShown = Math.max(this.#lastShown, Math.min(position + compositionOffset, MAX_POSITION_MS))
    return ms(compositionOffset)
  }

  /**
   * The position of a media frame.
   * @param sourceTime the publisher's timestamp, 32-bit unsigned milliseconds
   */
  place(kind: MediaKind, sourceTime: number): Ms {
    const track = this.#tracks[kind]
    // Not below 0: audio may begin a little before the time 0 of video, as a time just under 2^32.
    const position = Math.max(this.#read(kind, sourceTime), track.position, track.header, 0)
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
    const track = this.#tracks[kind]
    // The kind's first frame may be sent behind the other kind's.
    track.header =
      track.position >= 0 ? track.position : Math.max(this.#newest - MAX_INTERLEAVING_MS, track.header, 0)
    return ms(track.header)
  }

  #read(kind: MediaKind, sourceTime: number): number {
    const position = this.#reading.read(kind, sourceTime, this)
    if (position <= MAX_POSITION_MS) {
      return position
    }
    // Where jumps are kept, each step back takes 2^32 ms: one who does nothing else comes to the end and is closed up.
    this.#reading = new JumpClosing()
    return Math.min(this.#reading.read(kind, sourceTime, this), MAX_POSITION_MS)
  }
}

function readingFor({ timeJitter, atc }: TimeOptions): ClockReading {
  return timeJitter === 'full' && !atc ? new JumpClosing() : new ClockKeeping(timeJitter === 'zero' && !atc)
}
