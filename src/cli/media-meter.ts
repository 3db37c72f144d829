import { ProtocolError } from '../base/index.ts'
import { type Codec, parseAudioTagBody, parseVideoTagBody } from '../media/index.ts'
import type { MediaPacket } from '../rtmp/index.ts'

/** Looks at media that passes by, and says in a line what it is and how much of it there is. */
export class MediaMeter {
  readonly #startedAtMs: number
  #lastAtMs: number
  #bytes = 0
  #lastBytes = 0
  #videoFrames = 0
  #lastVideoFrames = 0
  #audioFrames = 0
  #unreadable = 0
  #videoCodec: Codec | null = null
  #audioCodec: Codec | null = null

  /** @param nowMs of a monotone clock, like every other time handed in */
  constructor(nowMs: number) {
    this.#startedAtMs = nowMs
    this.#lastAtMs = nowMs
  }

  /** Whether there was any picture or sound. */
  get hasMedia(): boolean {
    return this.#videoFrames + this.#audioFrames > 0
  }

  /** Takes note of a packet. */
  onPacket({ kind, body }: MediaPacket): void {
    this.#bytes += body.length
    if (kind === 'data') {
      return
    }
    try {
      if (kind === 'video') {
        const { codec, sequenceHeader, endOfSequence } = parseVideoTagBody(body)
        this.#videoCodec = codec === 'unknown' ? this.#videoCodec : codec
        this.#videoFrames += sequenceHeader || endOfSequence ? 0 : 1
      } else {
        const { codec, sequenceHeader } = parseAudioTagBody(body)
        this.#audioCodec = codec
        this.#audioFrames += sequenceHeader ? 0 : 1
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error
      }
      this.#unreadable++
    }
  }

  /** What came since the last call: `   12 s  2.53 Mbit/s  25.0 fps  avc, aac  3.8 MB`. */
  describeProgress(nowMs: number): string {
    const seconds = Math.max(nowMs - this.#lastAtMs, 1) / 1000
    const bits = (this.#bytes - this.#lastBytes) * 8
    const frames = this.#videoFrames - this.#lastVideoFrames
    this.#lastAtMs = nowMs
    this.#lastBytes = this.#bytes
    this.#lastVideoFrames = this.#videoFrames
    return this.#describe(nowMs, bits / seconds, frames / seconds)
  }

  /** All of it, on average. */
  describeAll(nowMs: number): string {
    const seconds = Math.max(nowMs - this.#startedAtMs, 1) / 1000
    return this.#describe(nowMs, (this.#bytes * 8) / seconds, this.#videoFrames / seconds)
  }

  #describe(nowMs: number, bitsPerSecond: number, framesPerSecond: number): string {
    const seconds = Math.round((nowMs - this.#startedAtMs) / 1000)
    const codecs = [this.#videoCodec, this.#audioCodec].filter((codec) => codec !== null)
    const parts = [
      `${String(seconds).padStart(5)} s`,
      `${(bitsPerSecond / 1e6).toFixed(2)} Mbit/s`,
      `${framesPerSecond.toFixed(1)} fps`,
      codecs.length === 0 ? 'no media yet' : codecs.join(', '),
      `${(this.#bytes / 1e6).toFixed(1)} MB`,
    ]
    return [...parts, ...(this.#unreadable === 0 ? [] : [`${this.#unreadable} unreadable`])].join('  ')
  }
}
