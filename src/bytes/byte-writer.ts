/**
 * A growing big-endian buffer. `bytes()` returns a view of what was written so far; take it once, when done.
 */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  /** @param initialCapacity bytes allocated up front; grows by doubling */
  constructor(initialCapacity = 256) {
    this.#bytes = new Uint8Array(initialCapacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** What was written, as a view; the writer must not be used afterwards. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Unsigned 8-bit integer. */
  writeUint8(value: number): this {
    const at = this.#advance(1)
    this.#view.setUint8(at, value)
    return this
  }

  /** Unsigned 16-bit integer. */
  writeUint16(value: number): this {
    const at = this.#advance(2)
    this.#view.setUint16(at, value)
    return this
  }

  /** Unsigned 24-bit integer. */
  writeUint24(value: number): this {
    const at = this.#advance(3)
    this.#view.setUint8(at, value >>> 16)
    this.#view.setUint16(at + 1, value)
    return this
  }

  /** Unsigned 32-bit integer. */
  writeUint32(value: number): this {
    const at = this.#advance(4)
    this.#view.setUint32(at, value)
    return this
  }

  /** Unsigned 32-bit integer, least significant byte first. */
  writeUint32LittleEndian(value: number): this {
    const at = this.#advance(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  /** IEEE 754 double. */
  writeFloat64(value: number): this {
    const at = this.#advance(8)
    this.#view.setFloat64(at, value)
    return this
  }

  /** Copies `bytes`. */
  writeBytes(bytes: Uint8Array): this {
    const at = this.#advance(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  #advance(length: number): number {
    const at = this.#length
    const needed = at + length
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    this.#length = needed
    return at
  }
}
