/** Bytes of the blocks that small payloads are cut from. */
export const PAYLOAD_BLOCK_BYTES: number = 32 * 1024

/** A larger payload gets memory of its own. */
const MAX_POOLED_BYTES: number = PAYLOAD_BLOCK_BYTES / 4

/** What a connection receives before it gets blocks, bytes: more than the commands of a player, of which there are thousands. */
export const UNPOOLED_BYTES: number = 16 * 1024

const NOTHING = Buffer.alloc(0)

/**
 * Memory for the payloads of one connection, small ones side by side in blocks: an allocation of its own costs more than
 * parsing the message. A payload keeps its block alive, and so its neighbours: they come from the same publisher within a
 * moment and live about as long. What is to live longer is copied by who keeps it.
 */
export class PayloadPool {
  #block: Buffer = NOTHING
  #used = 0
  #unpooled = 0

  /** Memory of exactly `length` bytes, with whatever was in it; nobody else gets it. */
  take(length: number): Uint8Array {
    if (length > MAX_POOLED_BYTES || this.#unpooled < UNPOOLED_BYTES) {
      this.#unpooled += length
      return Buffer.allocUnsafeSlow(length)
    }
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(PAYLOAD_BLOCK_BYTES)
      this.#used = 0
    }
    const from = this.#used
    this.#used += length
    return this.#block.subarray(from, this.#used)
  }
}
