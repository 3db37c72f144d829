import { type Ms, ms, type Ticks90k, toTicks90k } from '../../base/index.ts'
import { ByteWriter } from '../../bytes/index.ts'
import type { Frame } from '../../live/index.ts'
import type { TsMuxer } from '../../media/index.ts'
import type { AudioSetup, VideoSetup } from './elementary-stream.ts'

/** A picture that is ready to be muxed. */
export type VideoUnit = Readonly<{
  frame: Frame
  setup: VideoSetup
  /** Views into the frame. */
  pieces: readonly Uint8Array[]
}>

/** An audio frame that is ready to be muxed. */
export type AudioUnit = Readonly<{
  timestamp: Ms
  setup: AudioSetup
  /** Views into the frame it came from. */
  pieces: readonly Uint8Array[]
}>

/** How a segment begins. */
export type SegmentStart = Readonly<{
  /** Its first frame's time. */
  timestamp: Ms
  /** The video it carries, null for audio only. */
  video: VideoSetup | null
  /** The audio it is known to carry; null when that is still to be found out. */
  audio: AudioSetup | null
  /** What comes before it does not lead up to it. */
  discontinuity: boolean
  /** Nothing was listed before it that its tracks would have to agree with: audio may join as it goes. */
  beginsRun: boolean
  /** When its first frame happened, ms since the Unix epoch. */
  programDateTime: Ms
}>

const INITIAL_CAPACITY_BYTES = 64 * 1024

/** The segment that is being written. */
export class SegmentBuilder {
  /** How it began. */
  readonly start: SegmentStart
  /** A sequence header has changed: the next segment is wanted at the first chance, as a discontinuity. */
  outdated = false
  readonly #muxer: TsMuxer
  readonly #writer: ByteWriter
  #audio: AudioSetup | null

  /** @param expectedBytes how large it is likely to become, e.g. the one before */
  constructor(muxer: TsMuxer, start: SegmentStart, expectedBytes: number) {
    this.#muxer = muxer
    this.start = start
    this.#audio = start.audio
    // Somewhat more than last time, so that segments of like size never have to grow.
    this.#writer = new ByteWriter(Math.max(INITIAL_CAPACITY_BYTES, Math.ceil(expectedBytes * 1.25)))
    muxer.changeProgram({ video: start.video?.codec ?? null, audio: start.audio?.codec ?? null })
    muxer.writeTables(this.#writer)
  }

  /** The audio it carries; null while it has none. */
  get audio(): AudioSetup | null {
    return this.#audio
  }

  /** Bytes so far. */
  get length(): number {
    return this.#writer.length
  }

  /** From its first frame to `timestamp`, never negative. */
  elapsed(timestamp: Ms): Ms {
    return ms(Math.max(0, timestamp - this.start.timestamp))
  }

  /** Writes a picture. */
  writeVideo({ frame, pieces }: VideoUnit): void {
    const dts = toTicks90k(frame.timestamp)
    const pts = (dts + toTicks90k(frame.compositionOffset)) as Ticks90k
    this.#muxer.writeVideo(this.#writer, { dts, pts, randomAccess: frame.keyframe, pieces })
  }

  /** Writes an audio frame; the first one of a run decides what audio the segment has. */
  writeAudio({ timestamp, setup, pieces }: AudioUnit): void {
    if (this.#audio === null) {
      this.#audio = setup
      this.#muxer.changeProgram({ video: this.start.video?.codec ?? null, audio: setup.codec })
    }
    const dts = toTicks90k(timestamp)
    this.#muxer.writeAudio(this.#writer, setup.codec, { dts, pts: dts, randomAccess: true, pieces })
  }

  /** The whole segment in an array of exactly its size. The builder is of no more use. */
  finish(): Uint8Array {
    const bytes = this.#writer.bytes().slice()
    this.#muxer.amendTables(bytes)
    return bytes
  }
}
