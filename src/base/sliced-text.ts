import { nextTurn } from './next-turn.ts'

/** Bytes of a slice of `SlicedText`, but for the last one and for one longer text: some 90 clients of the API's list. */
export const SLICE_BYTES = 32_768

/** With less room than that a slice is full. */
const MIN_ROOM_BYTES = 2_048

/** Texts up to this length are copied here, longer ones by the system's library, which is faster from there on. */
const SHORT_TEXT = 40

const DIGIT_ZERO = 0x30

/**
 * A long text, in UTF-8, that is made in slices, so that media and sockets have their turn in between: write what there is, and begin
 * another slice as often as one is full (`if (text.isSliceFull) await text.nextSlice()`). It is written into bytes at once, as thousands of
 * little strings would cost more to collect than to write.
 */
export class SlicedText {
  readonly #slices: Uint8Array[] = []
  #open: Buffer | null = null
  #length = 0

  /** It is time for another slice. */
  get isSliceFull(): boolean {
    return this.#open !== null && this.#open.length - this.#length < MIN_ROOM_BYTES
  }

  /** All of it so far; nobody else has these bytes, and they don't change any more. */
  get slices(): readonly Uint8Array[] {
    this.#seal()
    return this.#slices
  }

  /** Begins another slice, in a turn of the event loop of its own (`nextTurn`). */
  async nextSlice(): Promise<void> {
    this.#seal()
    await nextTurn()
  }

  /** Writes any text. */
  write(text: string): this {
    const bytes = this.#room(text.length * 3)
    const begin = this.#length
    if (text.length > SHORT_TEXT) {
      this.#length += bytes.write(text, begin)
      return this
    }
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit > 0x7f) {
        this.#length = begin + bytes.write(text, begin)
        return this
      }
      bytes[begin + at] = unit
    }
    this.#length = begin + text.length
    return this
  }

  /** Writes a number as JavaScript does. */
  number(value: number): this {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      return this.write(String(value))
    }
    let digits = 1
    for (let bound = 10; value >= bound; bound *= 10) {
      digits++
    }
    const bytes = this.#room(digits)
    let rest = value
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const shorter = Math.floor(rest / 10)
      bytes[at] = DIGIT_ZERO + (rest - shorter * 10)
      rest = shorter
    }
    this.#length += digits
    return this
  }

  #room(bytes: number): Buffer {
    if (this.#open !== null && this.#open.length - this.#length >= bytes) {
      return this.#open
    }
    this.#seal()
    this.#open = Buffer.allocUnsafe(Math.max(bytes, SLICE_BYTES))
    return this.#open
  }

  #seal(): void {
    if (this.#open !== null && this.#length > 0) {
      this.#slices.push(this.#open.subarray(0, this.#length))
    }
    this.#open = null
    this.#length = 0
  }
}
