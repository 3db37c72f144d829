/** Bytes of the smallest piece of memory, and of the largest that is kept for the next payload. */
const MIN_BYTES = 1024
const MAX_KEPT_BYTES: number = 256 * 1024

/** Pieces of a size that are kept: so many messages are under way at once at most where all goes well. */
const MAX_KEPT_OF_SIZE = 16

/**
 * Memory for payloads that are gathered from several pieces and then read at once: it serves one after another, for all connections, as
 * few payloads are under way at a time.
 */
export class LentPayloads {
  /** By the logarithm of their size. */
  readonly #kept: ArrayBufferLike[][] = []

  /** Memory of exactly `length` bytes, with whatever was in it, until it is given back. */
  take(length: number): Buffer {
    const memory = this.#sizeClass(length).pop()
    const bytes = Math.max(MIN_BYTES, 2 ** Math.ceil(Math.log2(length)))
    return Buffer.from(memory ?? new ArrayBuffer(bytes), 0, length)
  }

  /** Takes back what `take` gave; nobody reads it any more. */
  giveBack(payload: Uint8Array): void {
    const { buffer } = payload
    const kept = this.#sizeClass(buffer.byteLength)
    if (buffer.byteLength <= MAX_KEPT_BYTES && kept.length < MAX_KEPT_OF_SIZE) {
      kept.push(buffer)
    }
  }

  #sizeClass(bytes: number): ArrayBufferLike[] {
    const at = Math.max(0, Math.ceil(Math.log2(bytes / MIN_BYTES)))
    const kept = this.#kept[at] ?? []
    this.#kept[at] = kept
    return kept
  }
}
