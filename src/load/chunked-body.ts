import { LimitError, ProtocolError } from '../base/index.ts'

/** The longest line with a chunk's size accepted, extensions included, bytes. */
export const MAX_CHUNK_LINE_BYTES = 256

const LINE_FEED = 0x0a

/** Takes the chunked transfer coding off an HTTP body (RFC 9112, 7.1). Trailers are not read. */
export class ChunkedBodyReader {
  #line = ''
  #remaining = 0
  /** Whether the line end behind a chunk is still to come. */
  #behindChunk = false
  #ended = false

  /** True once the last chunk has come; bytes after it are dropped. */
  get ended(): boolean {
    return this.#ended
  }

  /**
   * Takes the next bytes, cut anywhere.
   * @param onBytes gets the body's bytes: views into `bytes`
   * @throws ProtocolError if a chunk's size is no number, LimitError if its line is too long
   */
  push(bytes: Uint8Array, onBytes: (bytes: Uint8Array) => void): void {
    let at = 0
    while (at < bytes.length && !this.#ended) {
      if (this.#remaining > 0) {
        const end = Math.min(bytes.length, at + this.#remaining)
        this.#remaining -= end - at
        this.#behindChunk = this.#remaining === 0
        onBytes(bytes.subarray(at, end))
        at = end
        continue
      }
      this.#readLine(bytes[at++] ?? 0)
    }
  }

  #readLine(byte: number): void {
    if (byte !== LINE_FEED) {
      this.#line += String.fromCharCode(byte)
      if (this.#line.length > MAX_CHUNK_LINE_BYTES) {
        throw new LimitError('MAX_CHUNK_LINE_BYTES', MAX_CHUNK_LINE_BYTES, this.#line.length)
      }
      return
    }
    const line = this.#line.replace(/\r$/, '')
    this.#line = ''
    if (this.#behindChunk && line === '') {
      this.#behindChunk = false
      return
    }
    const size = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(line)?.[1]
    if (size === undefined || this.#behindChunk) {
      throw new ProtocolError(`'${line.slice(0, 40)}' is not the size of a chunk`)
    }
    this.#remaining = Number.parseInt(size, 16)
    this.#ended = this.#remaining === 0
  }
}
