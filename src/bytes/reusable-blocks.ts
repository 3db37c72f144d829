/** Bytes of the smallest block. */
export const MIN_BLOCK_BYTES: number = 16 * 1024

/** Bytes of the largest that is asked for by `wantedBytes`; what needs more has more. */
export const MAX_BLOCK_BYTES: number = 256 * 1024

/** A larger block serves only for what needs half of it: one that a single huge frame has made would come back for as long as the stream. */
const MAX_COMMON_BYTES: number = 8 * MAX_BLOCK_BYTES

/** A smaller part of what is wanted serves no more: else the small blocks that a stream began with would be its blocks for ever. */
const LEAST_PART_OF_WANTED = 0.5

/** A block that has not been used for so many rounds of `release` is let go. */
const MAX_IDLE_ROUNDS = 2

/** A block that nobody needs, and the round in which that was said. */
type FreeBlock = Readonly<{ block: Buffer; round: number }>

/**
 * Blocks of memory that are filled one after another and used again, the oldest first, once their owner says that nobody reads them any
 * more. For what is made all the time and lives for seconds: left to the collector of garbage, megabytes of it a second bring a whole
 * collection each time that V8 has counted 64 MB of them, which takes more than what is done with the bytes.
 */
export class ReusableBlocks {
  #used: Buffer[] = []
  #free: FreeBlock[] = []
  #round = 0

  /** Blocks in use, oldest first; the last is the one that is being filled. A live view. */
  get used(): readonly Buffer[] {
    return this.#used
  }

  /** Bytes of the blocks in use. */
  get usedBytes(): number {
    let bytes = 0
    for (const block of this.#used) {
      bytes += block.length
    }
    return bytes
  }

  /** Bytes of all blocks, those in use and those to be used again. */
  get bytes(): number {
    let bytes = this.usedBytes
    for (const { block } of this.#free) {
      bytes += block.length
    }
    return bytes
  }

  /**
   * A block to be filled next, with whatever was in it.
   * @param minBytes it has so many bytes at least
   * @param wantedBytes a new one has about so many, within `MIN_BLOCK_BYTES` and `MAX_BLOCK_BYTES`
   */
  take(minBytes: number, wantedBytes: number): Buffer {
    const commonBytes = Math.max(MIN_BLOCK_BYTES, Math.min(wantedBytes, MAX_BLOCK_BYTES))
    const leastBytes = Math.max(minBytes, commonBytes * LEAST_PART_OF_WANTED)
    const mostBytes = Math.max(MAX_COMMON_BYTES, 2 * minBytes)
    const at = this.#free.findIndex(({ block }) => block.length >= leastBytes && block.length <= mostBytes)
    const [known] = at < 0 ? [] : this.#free.splice(at, 1)
    const block = known?.block ?? newBlock(minBytes, commonBytes)
    this.#used.push(block)
    return block
  }

  /** Nobody reads the oldest `count` blocks in use any more; the one that is being filled may not be among them. */
  release(count: number): void {
    if (count <= 0) {
      return
    }
    const round = ++this.#round
    this.#free = this.#free.filter((free) => round - free.round < MAX_IDLE_ROUNDS)
    for (const block of this.#used.splice(0, count)) {
      this.#free.push({ block, round })
    }
  }

  /** Somebody may read the blocks in use for longer than can be known: they are not used again, but the collector's. */
  abandon(): void {
    this.#used = []
  }

  /** The same of all blocks: for a while none may be needed. */
  clear(): void {
    this.#used = []
    this.#free = []
  }
}

function newBlock(minBytes: number, commonBytes: number): Buffer {
  // Few sizes, so that one block serves for another. What is only wanted is rounded down: it must not become twice as much.
  const bytes = Math.max(minBytes, 2 ** Math.floor(Math.log2(commonBytes)))
  return Buffer.allocUnsafeSlow(
    bytes > MAX_BLOCK_BYTES
      ? Math.ceil(bytes / MAX_BLOCK_BYTES) * MAX_BLOCK_BYTES
      : 2 ** Math.ceil(Math.log2(bytes)),
  )
}
