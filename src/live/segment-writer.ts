import { ReusableBlocks } from '../bytes/index.ts'

/** Memory for segments is taken in blocks of such a part of what is held, so that little is held for nothing. */
const BLOCKS_OF_HELD = 4

/** Blocks that are in use may have so much more than twice what is held, bytes; then they are given up. */
const MAX_HELD_BACK_BYTES: number = 1024 * 1024

const NOTHING = Buffer.alloc(0)

/**
 * Builds segments in place, one after another, in blocks of memory: reserve, fill, seal. A sealed segment is a view that is not written
 * again as long as somebody may read it, so any number of sockets may hold it.
 */
export class SegmentWriter {
  readonly #blocks = new ReusableBlocks()
  /** Of each block in use, how many segments were sealed by the time that it was full. */
  #sealedInBlocks: number[] = []
  readonly #firstNeeded: () => number
  #sealed = 0
  #block: Buffer = NOTHING
  #start = 0
  #end = 0
  #heldBytes = 0

  /**
   * @param firstNeeded the first segment that somebody may still read, counted from 0 in the order of `seal`; asked when memory is needed.
   * Default: all are needed
   */
  constructor(firstNeeded: () => number = () => 0) {
    this.#firstNeeded = firstNeeded
  }

  /**
   * What is kept of its segments, bytes. A block is kept for as long as one of its segments: large ones would hold more than what is needed
   * of a small stream, of which there may be thousands.
   */
  set heldBytes(bytes: number) {
    this.#heldBytes = bytes
  }

  /** Bytes of all its blocks. */
  get memoryBytes(): number {
    return this.#blocks.bytes
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
      this.#moveToNextBlock(byteLength)
    }
    const from = this.#end
    this.#end += byteLength
    return this.#block.subarray(from, this.#end)
  }

  /** Ends the open segment and begins the next, empty one. */
  seal(): Uint8Array {
    const bytes = this.#block.subarray(this.#start, this.#end)
    this.#start = this.#end
    this.#sealed++
    return bytes
  }

  /** Somebody may read the segments that there are for longer than `firstNeeded` knows of. */
  abandon(): void {
    this.#blocks.abandon()
    this.#sealedInBlocks = []
  }

  /** The same, and lets go of all it has: for a while nothing may be written. To be called right after `seal`. */
  clear(): void {
    this.#blocks.clear()
    this.#sealedInBlocks = []
    this.#block = NOTHING
    this.#start = 0
    this.#end = 0
  }

  #moveToNextBlock(byteLength: number): void {
    const open = this.#block.subarray(this.#start, this.#end)
    if (this.#blocks.used.length > 0) {
      this.#sealedInBlocks.push(this.#sealed)
    }
    this.#releaseBlocks()
    // Twice what is open: a segment that keeps growing moves a number of times that is logarithmic in its size.
    const block = this.#blocks.take((open.length + byteLength) * 2, this.#heldBytes / BLOCKS_OF_HELD)
    block.set(open)
    this.#block = block
    this.#start = 0
    this.#end = open.length
  }

  #releaseBlocks(): void {
    const firstNeeded = this.#firstNeeded()
    const needed = this.#sealedInBlocks.findIndex((sealed) => sealed > firstNeeded)
    const count = needed < 0 ? this.#sealedInBlocks.length : needed
    // The open segment is still to be moved out of the newest.
    const released = Math.min(count, this.#sealedInBlocks.length - (this.length > 0 ? 1 : 0))
    this.#sealedInBlocks.splice(0, released)
    this.#blocks.release(released)
    // A socket that takes nothing must not keep for long what the log has let go of.
    if (this.#blocks.usedBytes > 2 * this.#heldBytes + MAX_HELD_BACK_BYTES) {
      this.abandon()
    }
  }
}
