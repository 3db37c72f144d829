/** Numbers that readers get wrong: ends of ranges, signs, marks of formats. */
const INTERESTING = [
  0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffff, 0x800000,
] as const
const INTERESTING_LONG = [
  0xfffffe, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
] as const

/** Repeatable random choices: the same seed makes the same ones. Not for secrets. */
export class Random {
  #state: number

  /** @param seed any number; its low 32 bits count */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Choices that depend on some bytes alone, so that a saved input is always judged the same way. */
  static of(bytes: Uint8Array): Random {
    let hash = 0x811c9dc5
    for (const byte of bytes) {
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    return new Random(hash)
  }

  /** An unsigned 32-bit number (the generator is mulberry32). */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** A whole number from 0 up to and without `end`. */
  below(end: number): number {
    return Math.floor((this.uint32() / 0x100000000) * end)
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  /** One of the choices. */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)]
    if (choice === undefined && choices.length === 0) {
      throw new Error('nothing to pick from')
    }
    return choice as T
  }

  /** A small number more often than a large one, from 0 to `max`. */
  small(max: number): number {
    return this.below(this.below(max + 1) + 1)
  }

  /** A number at or near the end of a range, at most `max`. */
  interesting(max: number): number {
    const number =
      this.pick<number>(this.oneIn(2) ? INTERESTING : INTERESTING_LONG) + this.pick([-1, 0, 0, 0, 1])
    return Math.max(0, Math.min(max, number))
  }

  /** Random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      bytes[i] = this.uint32()
    }
    return bytes
  }

  /** So many results of `make`. */
  list<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make)
  }
}
