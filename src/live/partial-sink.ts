import type { Frame, FrameKind } from './frame.ts'
import type { EndReason, Sink } from './sink.ts'

/** Hands on what a stream gives, but for some kinds of frames. */
export class PartialSink implements Sink {
  readonly #sink: Sink
  readonly #leftOut: readonly FrameKind[]

  /** @param leftOut kinds that `sink` is not given */
  constructor(sink: Sink, leftOut: readonly FrameKind[]) {
    this.#sink = sink
    this.#leftOut = leftOut
  }

  /** As the other's. */
  get mayBeLateMs(): number {
    return this.#sink.mayBeLateMs ?? 0
  }

  /** As the other's. */
  get keepsFrames(): boolean {
    return this.#sink.keepsFrames ?? true
  }

  /** Hands the frame on, or not. */
  onFrame(frame: Frame): void {
    if (!this.#leftOut.includes(frame.kind)) {
      this.#sink.onFrame(frame)
    }
  }

  /** Hands it on. */
  onPublishEnd(reason: EndReason): void {
    this.#sink.onPublishEnd(reason)
  }

  /** Hands it on. */
  onEnd(reason: EndReason): void {
    this.#sink.onEnd(reason)
  }
}
