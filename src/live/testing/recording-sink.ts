import type { Frame } from '../frame.ts'
import type { EndReason, Sink } from '../sink.ts'
import { wordOf } from './letter-format.ts'

/** Writes down what it is told, in the words of `LetterFormat`. */
export class RecordingSink implements Sink {
  readonly frames: Frame[] = []
  #words: string[] = []

  /** What it was told since the last call. */
  taken(): string {
    return this.#words.splice(0).join(' ')
  }

  onFrame(frame: Frame): void {
    this.frames.push(frame)
    this.#words.push(wordOf(frame).trimEnd())
  }

  onPublishEnd(reason: EndReason): void {
    this.#words.push(`publish-end:${reason.code}`)
  }

  onEnd(reason: EndReason): void {
    this.#words.push(`end:${reason.code}`)
  }
}
