import { ProtocolError } from '../base/index.ts'

/** A bounds-checked reader of big-endian bit fields (most significant bit first). */
export class BitReader {
  readonly #bytes: Uint8Array
  #position = 0

  /** @param bytes read in place */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bits left to read. */
  get remainingBits(): number {
    return this.#bytes.length * 8 - this.#position
  }

  /** Reads an unsigned field of `count` bits, 0 to 32. */
  readBits(count: number): number {
    if (count > this.remainingBits) {
      throw new ProtocolError(`need ${count} bits at bit ${this.#position}, have ${this.remainingBits}`)
    }
    let value = 0
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#position >> 3]!
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1)
      this.#position++
    }
    return value
  }

  /** Reads one bit as a boolean. */
  readFlag(): boolean {
    return this.readBits(1) === 1
  }

  /** Passes over `count` bits. */
  skipBits(count: number): void {
    if (count > this.remainingBits) {
      throw new ProtocolError(`need ${count} bits at bit ${this.#position}, have ${this.remainingBits}`)
    }
    this.#position += count
  }

  /** ue(v) of ISO/IEC 14496-10, 9.1: unsigned Exp-Golomb, up to 32 leading zeros. */
  readUnsignedExpGolomb(): number {
    let leadingZeros = 0
    while (!this.readFlag()) {
      leadingZeros++
      if (leadingZeros > 32) {
        throw new ProtocolError(`Exp-Golomb code with more than 32 leading zeros at bit ${this.#position}`)
      }
    }
    return 2 ** leadingZeros - 1 + this.readBits(leadingZeros)
  }

  /** se(v) of ISO/IEC 14496-10, 9.1.1: signed Exp-Golomb. */
  readSignedExpGolomb(): number {
    const code = this.readUnsignedExpGolomb()
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2
  }
}
