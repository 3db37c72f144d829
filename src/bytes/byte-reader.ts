import { ProtocolError } from '../base/index.ts'

/**
 * A bounds-checked big-endian cursor over bytes it does not own and never changes.
 * Reading past the end throws `ProtocolError` with the offset and the need.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  #offset: number

  /** @param bytes read in place; `subarray` results are views into it */
  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes
    this.#offset = offset
  }

  /** Offset of the next byte to read. */
  get offset(): number {
    return this.#offset
  }

  /** Bytes left to read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  /** Unsigned 8-bit integer. */
  readUint8(): number {
    const at = this.#take(1)
    return this.#bytes[at]!
  }

  /** Unsigned 16-bit integer. */
  readUint16(): number {
    const at = this.#take(2)
    return this.#bytes[at]! * 0x100 + this.#bytes[at + 1]!
  }

  /** Unsigned 24-bit integer. */
  readUint24(): number {
    const at = this.#take(3)
    return this.#bytes[at]! * 0x10000 + this.#bytes[at + 1]! * 0x100 + this.#bytes[at + 2]!
  }

  /** Signed 24-bit integer (SI24 of FLV). */
  readInt24(): number {
    const value = this.readUint24()
    return value >= 0x800000 ? value - 0x1000000 : value
  }

  /** Unsigned 32-bit integer. */
  readUint32(): number {
    const at = this.#take(4)
    const b = this.#bytes
    return b[at]! * 0x1000000 + b[at + 1]! * 0x10000 + b[at + 2]! * 0x100 + b[at + 3]!
  }

  /** Unsigned 32-bit integer, least significant byte first (the message stream id of RTMP). */
  readUint32LittleEndian(): number {
    const at = this.#take(4)
    const b = this.#bytes
    return b[at + 3]! * 0x1000000 + b[at + 2]! * 0x10000 + b[at + 1]! * 0x100 + b[at]!
  }

  /** IEEE 754 double. */
  readFloat64(): number {
    const at = this.#take(8)
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getFloat64(0)
  }

  /** The next `length` bytes as a view (no copy). */
  readBytes(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** The next `length` bytes as UTF-8; malformed sequences become U+FFFD. */
  readUtf8(length: number): string {
    return utf8Decoder.decode(this.readBytes(length))
  }

  /** The next byte without taking it. */
  peekUint8(): number {
    this.#require(1)
    return this.#bytes[this.#offset]!
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#take(length)
  }

  #take(length: number): number {
    this.#require(length)
    const at = this.#offset
    this.#offset += length
    return at
  }

  #require(length: number): void {
    if (length > this.remaining) {
      throw new ProtocolError(`need ${length} bytes at offset ${this.#offset}, have ${this.remaining}`)
    }
  }
}

// fatal off: encoders send names in legacy code pages, and must not be refused for it. BOM kept: it is data here.
const utf8Decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
