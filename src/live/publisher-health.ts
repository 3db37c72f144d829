import type { Ms } from '../base/index.ts'
import { type Frame, isConfiguration } from './frame.ts'

/** How a publisher's audio or its video comes in. Only the default track counts, and no sequence headers. */
export type TrackHealth = Readonly<{
  /** Frames since the publication began. */
  frames: number
  /** Bytes of their bodies. */
  bytes: number
  /** Frames a second over the last seconds; null within the first one. */
  frameRate: number | null
  /** Bits a second over the last seconds; null within the first one. */
  bitRate: number | null
  /**
   * How unevenly frames arrive beside their timestamps, ms: the interarrival jitter of RFC 3550, 6.4.1, in milliseconds. What is read late
   * on purpose (`mayBeLateMs`) is not the publisher's and left out, so of a stream that nobody watches only jitter above that shows.
   */
  jitterMs: number
}>

/** The same of video, with what only video has. */
export type VideoHealth = TrackHealth &
  Readonly<{
    /** Between the newest keyframe and the one before, ms of media; null before the second. */
    keyframeIntervalMs: number | null
    /** The same, on average since the publication began. */
    meanKeyframeIntervalMs: number | null
    /** Since the newest keyframe, ms of media; null before the first. */
    sinceKeyframeMs: number | null
  }>

/** How well a publisher sends, as of one moment. */
export type PublisherHealth = Readonly<{
  /** Since its newest audio or video, or since it began, ms. */
  silentMs: number
  /** Messages that could not be understood and were left out. */
  damaged: number
  /** Null without video. */
  video: VideoHealth | null
  /** Null without audio. */
  audio: TrackHealth | null
  /**
   * How much audio is ahead of video where they come in, ms, smoothed; below 0 the sound is behind. Null without both. That they take
   * turns makes a few ms either way.
   */
  skewMs: number | null
}>

/** Rates are those of the last one to two of these, ms. */
export const RATE_WINDOW_MS = 4_000

/** A rate is told once it is known for so long, ms; and so long nothing must come for it to fall. */
const MIN_RATE_SPAN_MS = 1_000

/** RFC 3550, 6.4.1: the part of a new difference in the jitter. */
const JITTER_GAIN = 1 / 16

/** The part of a new difference in the skew: about a second of frames. */
const SKEW_GAIN = 1 / 64

/** One track. Counts are those of two windows of time that follow each other, so that rates move evenly and cost nothing. */
class TrackMeter {
  frames = 0
  bytes = 0
  lastTimestamp = 0
  #jitterMs = 0
  #arrivedAt = 0
  /** Arrival beside the timestamp, which has an origin of its own: only differences mean something. */
  #transitMs = 0
  #formerSince = 0
  #formerFrames = 0
  #formerBytes = 0
  #since = 0
  #framesBefore = 0
  #bytesBefore = 0

  count(timestamp: Ms, bytes: number, now: Ms, lateMs: number): void {
    const transitMs = now - timestamp
    if (this.frames === 0) {
      // What is counted in windows is what came behind the first frame.
      this.#formerSince = now
      this.#formerFrames = 1
      this.#formerBytes = bytes
      this.#since = now
      this.#framesBefore = 1
      this.#bytesBefore = bytes
    } else {
      const differenceMs = Math.max(Math.abs(transitMs - this.#transitMs) - lateMs, 0)
      this.#jitterMs += (differenceMs - this.#jitterMs) * JITTER_GAIN
      // At the first of those that were read together: a window holds whole reads.
      if (now !== this.#arrivedAt && this.#arrivedAt - this.#since >= RATE_WINDOW_MS) {
        this.#beginWindow()
      }
    }
    this.#transitMs = transitMs
    this.#arrivedAt = now
    this.lastTimestamp = timestamp
    this.frames++
    this.bytes += bytes
  }

  read(now: Ms): TrackHealth {
    const silentMs = now - this.#arrivedAt
    const spanMs = (silentMs > MIN_RATE_SPAN_MS ? now : this.#arrivedAt) - this.#formerSince
    const isOver = silentMs > RATE_WINDOW_MS
    const perSecond = (count: number): number | null =>
      isOver ? 0 : spanMs < MIN_RATE_SPAN_MS ? null : (count * 1000) / spanMs
    return {
      frames: this.frames,
      bytes: this.bytes,
      frameRate: perSecond(this.frames - this.#formerFrames),
      bitRate: perSecond((this.bytes - this.#formerBytes) * 8),
      jitterMs: this.#jitterMs,
    }
  }

  #beginWindow(): void {
    this.#formerSince = this.#since
    this.#formerFrames = this.#framesBefore
    this.#formerBytes = this.#bytesBefore
    this.#since = this.#arrivedAt
    this.#framesBefore = this.frames
    this.#bytesBefore = this.bytes
  }
}

/** Measures a publisher: a few additions for each frame, and nothing is allocated. */
export class PublisherMeter {
  readonly #video = new TrackMeter()
  readonly #audio = new TrackMeter()
  #lastArrival: Ms
  #keyframes = 0
  #firstKeyframeAt = 0
  #lastKeyframeAt = 0
  #keyframeIntervalMs = 0
  #skewMs = 0
  #hasSkew = false
  /** Messages that could not be understood. */
  damaged = 0

  /** @param startedAt when the publication began; of the clock that `count` and `read` are given */
  constructor(startedAt: Ms) {
    this.#lastArrival = startedAt
  }

  /**
   * Counts a frame.
   * @param now when it arrived
   * @param lateMs so much of that may be because it was read late
   */
  count(frame: Frame, now: Ms, lateMs: number): void {
    if (frame.trackId !== 0 || isConfiguration(frame) || frame.kind === 'data') {
      return
    }
    this.#lastArrival = now
    const { timestamp } = frame
    if (frame.kind === 'video') {
      this.#video.count(timestamp, frame.body.length, now, lateMs)
      if (frame.keyframe) {
        this.#countKeyframe(timestamp)
      }
    } else {
      this.#audio.count(timestamp, frame.body.length, now, lateMs)
    }
    if (this.#video.frames > 0 && this.#audio.frames > 0) {
      const skewMs = this.#audio.lastTimestamp - this.#video.lastTimestamp
      this.#skewMs = this.#hasSkew ? this.#skewMs + (skewMs - this.#skewMs) * SKEW_GAIN : skewMs
      this.#hasSkew = true
    }
  }

  /** What it knows as of now. */
  read(now: Ms): PublisherHealth {
    const video = this.#video.frames === 0 ? null : { ...this.#video.read(now), ...this.#keyframeHealth() }
    return {
      silentMs: now - this.#lastArrival,
      damaged: this.damaged,
      video,
      audio: this.#audio.frames === 0 ? null : this.#audio.read(now),
      skewMs: this.#hasSkew ? this.#skewMs : null,
    }
  }

  #countKeyframe(timestamp: Ms): void {
    if (this.#keyframes === 0) {
      this.#firstKeyframeAt = timestamp
    } else {
      this.#keyframeIntervalMs = timestamp - this.#lastKeyframeAt
    }
    this.#lastKeyframeAt = timestamp
    this.#keyframes++
  }

  #keyframeHealth(): Omit<VideoHealth, keyof TrackHealth> {
    const intervals = this.#keyframes - 1
    return {
      keyframeIntervalMs: intervals > 0 ? this.#keyframeIntervalMs : null,
      meanKeyframeIntervalMs:
        intervals > 0 ? (this.#lastKeyframeAt - this.#firstKeyframeAt) / intervals : null,
      sinceKeyframeMs: this.#keyframes > 0 ? this.#video.lastTimestamp - this.#lastKeyframeAt : null,
    }
  }
}
