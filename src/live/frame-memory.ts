import { ReusableBlocks } from '../bytes/index.ts'

const NOTHING = Buffer.alloc(0)

/** A new block is such a part of what there is: little is kept for nothing, and few frames find no room at a block's end. */
const BLOCKS = 8

/** Who may still read the bodies of frames. */
export type FrameReaders = Readonly<{
  /** What the body of the oldest frame is in that is kept for newcomers; null if none is. */
  oldestKept: () => ArrayBufferLike | null
  /** Whether anybody else may keep frames, so that it can't be known for how long. */
  mayBeKept: () => boolean
}>

/**
 * Memory for the bodies of a stream's frames, side by side in blocks, which are used again when the GOP that they hold is over: a stream
 * that is only watched needs no new memory, and leaves no garbage of that kind.
 */
export class FrameMemory {
  readonly #readers: FrameReaders
  readonly #blocks = new ReusableBlocks()
  #block: Buffer = NOTHING
  #end = 0

  /** @param readers asked when a block is full */
  constructor(readers: FrameReaders) {
    this.#readers = readers
  }

  /** Bytes of all its blocks. */
  get bytes(): number {
    return this.#blocks.bytes
  }

  /** A copy of a frame's body: it doesn't change as long as somebody may read the frame. */
  copy(body: Uint8Array): Uint8Array {
    if (this.#end + body.length > this.#block.length) {
      return this.#copyToNextBlock(body)
    }
    return this.#copyTo(this.#end, body)
  }

  /** Somebody may keep frames that there are; their memory is not used again. */
  abandon(): void {
    this.#blocks.abandon()
    this.#block = NOTHING
    this.#end = 0
  }

  /** The same, and lets go of all it has: for a while no frames may come. */
  clear(): void {
    this.abandon()
    this.#blocks.clear()
  }

  #copyToNextBlock(body: Uint8Array): Uint8Array {
    this.#releaseBlocks()
    this.#block = this.#blocks.take(body.length, this.#blocks.bytes / BLOCKS)
    return this.#copyTo(0, body)
  }

  #copyTo(offset: number, body: Uint8Array): Uint8Array {
    this.#block.set(body, offset)
    this.#end = offset + body.length
    return new Uint8Array(this.#block.buffer, offset, body.length)
  }

  #releaseBlocks(): void {
    if (this.#readers.mayBeKept()) {
      this.#blocks.abandon()
      return
    }
    const { used } = this.#blocks
    const oldest = this.#readers.oldestKept()
    const kept = oldest === null ? -1 : used.findIndex(({ buffer }) => buffer === oldest)
    if (oldest === null) {
      this.#blocks.release(used.length)
    } else if (kept > 0) {
      this.#blocks.release(kept)
    }
  }
}
