import type { Frame, FrameKind } from './frame.ts'

/** Frames held back at most where only one kind comes: then they go on, in the end without the other kind. As SRS has it. */
export const MAX_MIXED_FRAMES = 10

/**
 * Puts audio and video in the order of their times (SRS: mix_correct). A frame waits until there is one of the other kind, so
 * that it is known which comes first; what comes later than `MAX_MIXED_FRAMES` of the other kind is out of order as before.
 * Each kind keeps its own order, and sequence headers their place in it. Data takes its place among them; nothing waits for it.
 */
export class MixQueue {
  readonly #onFrame: (frame: Frame) => void
  #frames: Frame[] = []
  readonly #count: Record<FrameKind, number> = { audio: 0, video: 0, data: 0 }

  /** @param onFrame called for each frame in the order of their times, from within `push` and `flush` */
  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame
  }

  /** Takes a frame that is not before the last one of its kind. */
  push(frame: Frame): void {
    // From the end: it belongs behind all that are not later, and the queue is short.
    let at = this.#frames.length
    while (at > 0 && (this.#frames[at - 1]?.timestamp ?? 0) > frame.timestamp) {
      at--
    }
    this.#frames.splice(at, 0, frame)
    this.#count[frame.kind]++
    const { audio, video } = this.#count
    if ((audio > 0 && video > 0) || this.#frames.length >= MAX_MIXED_FRAMES) {
      this.#release()
    }
  }

  /** Lets all go that wait: nothing comes that could go before them. */
  flush(): void {
    const frames = this.#frames
    this.#frames = []
    this.#count.audio = 0
    this.#count.video = 0
    this.#count.data = 0
    for (const frame of frames) {
      this.#onFrame(frame)
    }
  }

  #release(): void {
    do {
      const frame = this.#frames.shift()
      if (frame !== undefined) {
        this.#count[frame.kind]--
        this.#onFrame(frame)
      }
    } while (this.#count.audio > 0 && this.#count.video > 0)
  }
}
