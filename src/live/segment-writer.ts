/** Bytes of the smallest block that segments are cut from; it holds many small segments. */
export const MIN_BLOCK_BYTES: number = 16 * 1024

/** Bytes of the largest; but a segment that needs more has more. */
export const MAX_BLOCK_BYTES: number = 256 * 1024

const NOTHING = Buffer.alloc(0)

/**
 * Builds segments in place, one after another, in blocks of memory: reserve, fill, seal. A sealed segment is a
 * view that is never written again, so any number of sockets may hold it.
 */
export class SegmentWriter {
  #block: Uint8Array = NOTHING
  #start = 0
  #end = 0
  #nextBlockBytes = MIN_BLOCK_BYTES

  /**
   * Bytes that the next block has, within `MIN_BLOCK_BYTES` and `MAX_BLOCK_BYTES`. A block lives as long as one of its
   * segments: large ones would hold more than what is needed of a small stream, of which there may be thousands.
   */
  set nextBlockBytes(bytes: number) {
    this.#nextBlockBytes = Math.min(Math.max(bytes, MIN_BLOCK_BYTES), MAX_BLOCK_BYTES)
  }

  /** Bytes of the open segment so far. */
  get length(): number {
    return this.#end - this.#start
  }

  /**
   * Makes the open segment longer.
   * @returns the new bytes, to be filled at once, before the next `reserve` or `seal`
   */
  reserve(byteLength: number): Uint8Array {
    if (this.#end + byteLength > this.#block.length) {
      this.#moveToNewBlock(byteLength)
    }
    const from = this.#end
    this.#end += byteLength
    return this.#block.subarray(from, this.#end)
  }

  /** Ends the open segment and begins the next, empty one. */
  seal(): Uint8Array {
    const bytes = this.#block.subarray(this.#start, this.#end)
    this.#start = this.#end
    return bytes
  }

  #moveToNewBlock(byteLength: number): void {
    const open = this.#block.subarray(this.#start, this.#end)
    // Twice what is open: a segment that keeps growing moves a number of times that is logarithmic in its size.
    const block = Buffer.allocUnsafeSlow(Math.max(this.#nextBlockBytes, (open.length + byteLength) * 2))
    block.set(open)
    this.#block = block
    this.#start = 0
    this.#end = open.length
  }
}
