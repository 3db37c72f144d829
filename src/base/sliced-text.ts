import { nextTurn } from './next-turn.ts'
import { SLICE_BYTES, spareSlices } from './spare-slices.ts'

export { SLICE_BYTES } from './spare-slices.ts'

/** With less room than that a slice is full. */
const MIN_ROOM_BYTES = 2_048

/** Texts up to this length are copied here, longer ones by the system's library, which is faster from there on. */
const SHORT_TEXT = 40

/** The same of bytes. */
const SHORT_BYTES = 24

const DIGIT_ZERO = 0x30

/** The largest power of ten below which whole numbers are divided as such. */
const BILLION = 1e9
const BILLION_DIGITS = 9

/**
 * A long text, in UTF-8, that is made in slices, so that media and sockets have their turn in between: write what there is, and begin
 * another slice as often as one is full (`if (text.isSliceFull) await text.nextSlice()`). It is written into bytes at once, as thousands of
 * little strings would cost more to collect than to write.
 */
export class SlicedText {
  #slices: Uint8Array[] = []
  /** Those of `SLICE_BYTES` that it has of the spare ones. */
  #taken: Buffer[] = []
  #open: Buffer | null = null
  #length = 0

  /** It is time for another slice. */
  get isSliceFull(): boolean {
    return this.#open !== null && this.#open.length - this.#length < MIN_ROOM_BYTES
  }

  /** All of it so far; nobody else has these bytes, and they don't change before `release`. */
  get slices(): readonly Uint8Array[] {
    this.#seal()
    return this.#slices
  }

  /** Bytes so far. */
  get byteLength(): number {
    return this.#slices.reduce((sum, { length }) => sum + length, this.#length)
  }

  /** All of it so far. */
  toString(): string {
    return Buffer.concat(this.slices).toString()
  }

  /** Begins another slice, in another turn of the event loop (`nextTurn`). */
  async nextSlice(): Promise<void> {
    this.#seal()
    await nextTurn()
  }

  /**
   * Lets its slices be used again by other texts, and is empty from then on. To be called at most once they are sent, by who has them last,
   * when nobody reads them any more; who doesn't know that doesn't call it.
   */
  release(): void {
    spareSlices.give(this.#taken)
    this.#taken = []
    this.#slices = []
    this.#open = null
    this.#length = 0
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

  /** Writes a text that is there in UTF-8 already, which is the quickest way for one that is written again and again. */
  bytes(text: Uint8Array): this {
    const { length } = text
    const bytes = this.#room(length)
    const begin = this.#length
    if (length > SHORT_BYTES) {
      bytes.set(text, begin)
    } else {
      for (let at = 0; at < length; at++) {
        bytes[begin + at] = text[at] ?? 0
      }
    }
    this.#length = begin + length
    return this
  }

  /** Writes a number as JavaScript does. */
  number(value: number): this {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      return this.write(String(value))
    }
    if (value < BILLION) {
      return this.#digits(value, digitsOf(value))
    }
    const billions = Math.floor(value / BILLION)
    return billions < BILLION
      ? this.#digits(billions, digitsOf(billions)).#digits(value - billions * BILLION, BILLION_DIGITS)
      : this.write(String(value))
  }

  /** Writes hundredths as a number with two decimals: 205 as `2.05`. @param hundredths a whole number from 0 */
  hundredths(hundredths: number): this {
    const whole = Math.floor(hundredths / 100)
    return this.number(whole)
      .write('.')
      .#digits(hundredths - whole * 100, 2)
  }

  /** @param value a whole number below `BILLION` @param count how many digits of it, with zeros in front */
  #digits(value: number, count: number): this {
    const bytes = this.#room(count)
    let rest = value
    for (let at = this.#length + count - 1; at >= this.#length; at--) {
      const shorter = (rest / 10) | 0
      bytes[at] = DIGIT_ZERO + (rest - shorter * 10)
      rest = shorter
    }
    this.#length += count
    return this
  }

  #room(bytes: number): Buffer {
    if (this.#open !== null && this.#open.length - this.#length >= bytes) {
      return this.#open
    }
    this.#seal()
    if (bytes > SLICE_BYTES) {
      this.#open = Buffer.allocUnsafeSlow(bytes)
    } else {
      this.#open = spareSlices.take()
      this.#taken.push(this.#open)
    }
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

function digitsOf(value: number): number {
  let digits = 1
  for (let bound = 10; value >= bound; bound *= 10) {
    digits++
  }
  return digits
}
