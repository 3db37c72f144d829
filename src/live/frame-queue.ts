import type { PlayProgress } from './client-connection.ts'
import { beginsGop, type Frame, isConfiguration } from './frame.ts'
import { isMetadataBody } from './metadata.ts'
import type { EndReason, Sink } from './sink.ts'
import type { Stream } from './stream.ts'

/** How a program follows a stream. */
export type FramesOptions = Readonly<{
  /** Ends the iteration at once: what is queued is let go. */
  signal?: AbortSignal
  /** Frames that wait for a program that is slower than the stream; past it everything up to the next keyframe is skipped. Default 1024. */
  maxQueuedFrames?: number
}>

/** Default of `FramesOptions.maxQueuedFrames`. */
export const DEFAULT_MAX_QUEUED_FRAMES = 1024

/**
 * A stream's frames for a program: metadata and sequence headers, the newest GOP, then live. One reader.
 * A reader that falls behind loses whole GOPs, never sequence headers, and memory stays bounded.
 */
export class FrameQueue implements Sink, PlayProgress, AsyncIterableIterator<Frame> {
  readonly #stream: Stream
  readonly #maxFrames: number
  readonly #detach: () => void
  readonly #signal: AbortSignal | undefined
  readonly #onAbort = (): void => this.#leave()
  #frames: Frame[] = []
  #wake: (() => void) | null = null
  #skipping = false
  #skippedFrames = 0
  #skips = 0
  #bytesTaken = 0
  #done = false

  /** @param stream followed until it ends, the signal aborts or the iteration is left */
  constructor(stream: Stream, options: FramesOptions = {}) {
    this.#stream = stream
    this.#maxFrames = options.maxQueuedFrames ?? DEFAULT_MAX_QUEUED_FRAMES
    this.#signal = options.signal
    const { metadata, videoSequenceHeader, audioSequenceHeader, configurations } = stream.state
    const headers = [metadata, videoSequenceHeader, audioSequenceHeader, ...configurations]
    for (const frame of [...headers, ...stream.gop]) {
      if (frame !== null) {
        this.#frames.push(frame)
      }
    }
    this.#detach = stream.attach(this)
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (options.signal?.aborted) {
      this.#leave()
    } else if (stream.ended) {
      this.#finish()
    }
  }

  /** Frames left out because the program was too slow. */
  get skippedFrames(): number {
    return this.#skippedFrames
  }

  /** How often it was too slow and skipped to the next keyframe. */
  get skips(): number {
    return this.#skips
  }

  /** Media that waits for the program, ms. */
  get lagMs(): number {
    const oldest = this.#frames[0]
    const newest = this.#frames.at(-1)
    return oldest === undefined || newest === undefined ? 0 : newest.timestamp - oldest.timestamp
  }

  /** Bytes of the frames that the program has taken. */
  get bytesTaken(): number {
    return this.#bytesTaken
  }

  /** Queues the frame, or leaves it out while skipping. */
  onFrame(frame: Frame): void {
    const essential = isEssential(frame)
    if (this.#frames.length >= this.#maxFrames) {
      this.#skipQueued()
    }
    if (this.#skipping && (beginsGop(frame) || !this.#stream.state.hasVideo)) {
      this.#skipping = false
    }
    if (this.#skipping && !essential) {
      this.#skippedFrames++
      return
    }
    this.#frames.push(frame)
    this.#wake?.()
  }

  /** The iteration goes on: a publisher may return. */
  onPublishEnd(): void {}

  /** Ends the iteration, after what is queued. */
  onEnd(_reason: EndReason): void {
    this.#finish()
  }

  /** The next frame; waits for one. */
  async next(): Promise<IteratorResult<Frame, undefined>> {
    while (this.#frames.length === 0 && !this.#done) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
    const frame = this.#frames.shift()
    this.#bytesTaken += frame?.body.length ?? 0
    return frame === undefined ? { done: true, value: undefined } : { done: false, value: frame }
  }

  /** Leaves the stream; called by `for await` on break. */
  async return(): Promise<IteratorResult<Frame, undefined>> {
    this.#leave()
    return { done: true, value: undefined }
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this
  }

  /** Lets go of the media that waits, keeps what decoders can't do without: of each track the newest. */
  #skipQueued(): void {
    const kept = new Map<string, Frame>()
    for (const frame of this.#frames) {
      if (isEssential(frame)) {
        kept.set(`${frame.kind} ${frame.trackId} ${frame.sequenceHeader}`, frame)
      } else {
        this.#skippedFrames++
      }
    }
    this.#frames = [...kept.values()]
    this.#skipping = true
    this.#skips++
  }

  #leave(): void {
    this.#frames = []
    this.#finish()
  }

  #finish(): void {
    this.#done = true
    this.#detach()
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#wake?.()
  }
}

/** What decoders can't do without: sequence headers and metadata. */
function isEssential(frame: Frame): boolean {
  return isConfiguration(frame) || (frame.kind === 'data' && isMetadataBody(frame.body))
}
