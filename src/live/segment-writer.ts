/** Bytes of the blocks that segments are cut from; one block holds many small segments. */
const SLAB_BYTES: number = 256 * 1024

/**
 * Builds segments in place, one after another, in large blocks of memory: reserve, fill, seal. A sealed segment is a
 * view that is never written again, so any number of sockets may hold it.
 */
export class SegmentWriter {
  #slab: Uint8Array = new Uint8Array(0)
  #start = 0
  #end = 0

  /** Bytes of the open segment so far. */
  get length(): number {
    return this.#end - this.#start
  }

  /**
   * Makes the open segment longer.
   * @returns the new bytes, to be filled at once, before the next `reserve` or `seal`
   */
  reserve(byteLength: number): Uint8Array {
    if (this.#end + byteLength > this.#slab.length) {
      this.#moveToNewSlab(byteLength)
    }
    const from = this.#end
    this.#end += byteLength
    return this.#slab.subarray(from, this.#end)
  }

  /** Ends the open segment and begins the next, empty one. */
  seal(): Uint8Array {
    const bytes = this.#slab.subarray(this.#start, this.#end)
    this.#start = this.#end
    return bytes
  }

  #moveToNewSlab(byteLength: number): void {
    const open = this.#slab.subarray(this.#start, this.#end)
    // Twice what is open: a segment that keeps growing moves a number of times that is logarithmic in its size.
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, (open.length + byteLength) * 2))
    slab.set(open)
    this.#slab = slab
    this.#start = 0
    this.#end = open.length
  }
}
