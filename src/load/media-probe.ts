import { parseAudioTagBody, parseVideoTagBody } from '../media/index.ts'
import { type Distribution, Histogram } from './histogram.ts'
import type { MediaKind } from './player-protocol.ts'
import { readStamp, STAMP_FRAMES } from './stamp.ts'

/** What a sampled player saw. */
export type SampledPlayerReport = Readonly<{
  /** The stream it played. */
  stream: string
  /** Video frames, without sequence headers. */
  videoFrames: number
  /** Audio frames, without sequence headers. */
  audioFrames: number
  /** Times a frame's decode time was before that of the frame of its kind before it. */
  dtsViolations: number
  /** Stamped video frames that were left out between frames that came. */
  framesMissing: number
  /** From the publisher's write to this player's read, ms; null if the stream carries no stamps of this machine. */
  latency: Distribution | null
  /** Longest time between two frames, ms: of video if there is any, else of audio. */
  largestGapMs: number
  /** Times between two frames that were longer than `stallMs`. */
  stalls: number
}>

/** What a probe is made with. */
export type MediaProbeSetup = Readonly<{
  /** The stream that is played; for the report. */
  stream: string
  /** A longer time between two frames is a stall, ms. */
  stallMs: number
  /** Told of every latency, ms. */
  onLatency: (latencyMs: number) => void
}>

const TWO_TO_32 = 0x1_0000_0000

/** A larger latency means that the stamp is of another machine's clock, ms. */
const MAX_LATENCY_MS = 600_000
/** The two clocks are read apart, so a latency of nearly 0 may come out below it, ms. */
const MIN_LATENCY_MS = -1

/** Looks closely at all the media that one player gets. */
export class MediaProbe {
  readonly #setup: MediaProbeSetup
  readonly #latency = new Histogram()
  readonly #video = new Track()
  readonly #audio = new Track()
  #askedAtMs = 0
  #lastStampedFrame: number | null = null
  #framesMissing = 0

  /** @param setup see `MediaProbeSetup` */
  constructor(setup: MediaProbeSetup) {
    this.#setup = setup
  }

  /** The player asked for the stream: frames that were sent earlier come from a cache, and their latency means nothing. */
  onAsked(nowMs: number): void {
    this.#askedAtMs = nowMs
  }

  /**
   * Takes a message of media.
   * @param timestampMs unsigned 32-bit decode time
   * @param nowMs when it was read, of `machineNow`
   * @throws ProtocolError if its header can't be read
   */
  onMedia(kind: MediaKind, timestampMs: number, body: Uint8Array, nowMs: number): void {
    // Some encoders send empty bodies; there is nothing to be said of them.
    if (kind === 'data' || body.length === 0) {
      return
    }
    const info = kind === 'video' ? parseVideoTagBody(body) : parseAudioTagBody(body)
    if (info.sequenceHeader) {
      return
    }
    const track = kind === 'video' ? this.#video : this.#audio
    track.onFrame(timestampMs, nowMs, this.#setup.stallMs)
    if (kind === 'video') {
      this.#onVideo(body, nowMs)
    }
  }

  /** Nothing comes any more: the time since the last frame is a gap, too. */
  end(nowMs: number): void {
    this.#video.onSilence(nowMs, this.#setup.stallMs)
    this.#audio.onSilence(nowMs, this.#setup.stallMs)
  }

  /** Its largest gap is from now on that of what comes next. Stalls are counted on. */
  forgetGaps(): void {
    this.#video.largestGapMs = 0
    this.#audio.largestGapMs = 0
  }

  /** What it saw so far. */
  get report(): SampledPlayerReport {
    const { largestGapMs, stalls } = this.#video.frames > 0 ? this.#video : this.#audio
    return {
      stream: this.#setup.stream,
      videoFrames: this.#video.frames,
      audioFrames: this.#audio.frames,
      dtsViolations: this.#video.violations + this.#audio.violations,
      framesMissing: this.#framesMissing,
      latency: this.#latency.distribution,
      largestGapMs,
      stalls,
    }
  }

  #onVideo(body: Uint8Array, nowMs: number): void {
    const stamp = readStamp(body)
    if (stamp === null) {
      return
    }
    const last = this.#lastStampedFrame
    this.#lastStampedFrame = stamp.frame
    if (last !== null) {
      const step = (stamp.frame - last + STAMP_FRAMES) % STAMP_FRAMES
      // A step back is a publisher that began anew.
      this.#framesMissing += step > 0 && step < STAMP_FRAMES / 2 ? step - 1 : 0
    }
    const latencyMs = nowMs - stamp.sentMs
    const isOfThisMachine = latencyMs > MIN_LATENCY_MS && latencyMs < MAX_LATENCY_MS
    if (isOfThisMachine && stamp.sentMs >= this.#askedAtMs) {
      this.#latency.record(latencyMs)
      this.#setup.onLatency(latencyMs)
    }
  }
}

/** The frames of one kind. */
class Track {
  frames = 0
  violations = 0
  largestGapMs = 0
  stalls = 0
  #lastTimestampMs = 0
  #lastReadMs = 0

  onFrame(timestampMs: number, nowMs: number, stallMs: number): void {
    if (this.frames > 0) {
      const step = (timestampMs - this.#lastTimestampMs + TWO_TO_32) % TWO_TO_32
      this.violations += step >= TWO_TO_32 / 2 ? 1 : 0
      this.onSilence(nowMs, stallMs)
    }
    this.frames++
    this.#lastTimestampMs = timestampMs
    this.#lastReadMs = nowMs
  }

  onSilence(nowMs: number, stallMs: number): void {
    if (this.frames > 0) {
      const gapMs = nowMs - this.#lastReadMs
      this.largestGapMs = Math.max(this.largestGapMs, gapMs)
      this.stalls += gapMs > stallMs ? 1 : 0
    }
  }
}
