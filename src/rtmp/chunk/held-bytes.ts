/** What a piece costs beside its bytes: one that trickles in would otherwise be held for next to nothing. */
const PIECE_OVERHEAD_BYTES = 64

/** Bytes that were received and are not read yet, as they came. */
export class HeldBytes {
  /** In order, each a copy. */
  readonly pieces: Uint8Array[] = []
  #size = 0

  /** Bytes in all, 64 more for each piece. */
  get size(): number {
    return this.#size
  }

  /** Keeps a copy. */
  add(bytes: Uint8Array): void {
    this.pieces.push(Uint8Array.from(bytes))
    this.#size += bytes.length + PIECE_OVERHEAD_BYTES
  }
}
