import { type FileHandle, open, stat } from 'node:fs/promises'

/** Bytes that are read at once. */
export const BLOCK_BYTES: number = 256 * 1024

/** Blocks that are kept: audio and video may lie apart in the file, and each is read ahead. */
const MAX_KEPT_BLOCKS = 8

/** A file that is read in large blocks, the next of which is fetched while the present one is used. */
export class BlockFile {
  /** Bytes of it, when it was opened: what is appended since is not read. */
  readonly size: number
  /** Whether it may get longer while it is read, as one that is being recorded. */
  mayGrow = true
  readonly #handle: FileHandle
  readonly #modifiedMs: number
  /** By number, the least recently used first. */
  readonly #blocks = new Map<number, Promise<Uint8Array>>()

  private constructor(handle: FileHandle, size: number, modifiedMs: number) {
    this.#handle = handle
    this.size = size
    this.#modifiedMs = modifiedMs
  }

  /** @throws Error of the system, or if it is no file, e.g. a folder */
  static async open(path: string): Promise<BlockFile> {
    // Before it is opened: to open a named pipe waits for somebody who writes.
    if (!(await stat(path)).isFile()) {
      throw new Error('it is no regular file')
    }
    const handle = await open(path)
    const { size, mtimeMs } = await handle.stat()
    return new BlockFile(handle, size, mtimeMs)
  }

  /**
   * Bytes of the file, in an array that is the caller's; fewer than asked for only at its end.
   * @throws Error of the system, or if the file was changed since it was opened
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = newBytes(Math.min(length, this.size - offset))
    if (bytes.length > BLOCK_BYTES) {
      await this.#fill(bytes, offset)
    } else {
      await this.copy(offset, bytes)
    }
    return bytes
  }

  /**
   * Copies bytes of the file. @param target is filled
   * @throws Error as `read`, and if the file ends before
   */
  async copy(offset: number, target: Uint8Array): Promise<void> {
    let copied = 0
    while (copied < target.length) {
      const at = offset + copied
      const number = Math.floor(at / BLOCK_BYTES)
      const block = await this.readBlock(number)
      const begin = at - number * BLOCK_BYTES
      const part = block.subarray(begin, begin + target.length - copied)
      if (part.length === 0) {
        throw new Error(`it ends at byte ${this.size}, and bytes up to ${offset + target.length} are needed`)
      }
      target.set(part, copied)
      copied += part.length
    }
  }

  /**
   * A whole block of `BLOCK_BYTES`; the last one is shorter.
   * @param number from 0
   * @returns to be read in place: others may be given the same
   * @throws Error as `read`
   */
  async readBlock(number: number): Promise<Uint8Array> {
    const block = this.#request(number)
    if ((number + 1) * BLOCK_BYTES < this.size) {
      // Who needs it is told then.
      this.#request(number + 1).catch(() => {})
    }
    return block
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#blocks.values())
    this.#blocks.clear()
    await this.#handle.close()
  }

  #request(number: number): Promise<Uint8Array> {
    const block = this.#blocks.get(number) ?? this.#load(number)
    // Again, so that it is the last to go.
    this.#blocks.delete(number)
    this.#blocks.set(number, block)
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= MAX_KEPT_BLOCKS) {
        break
      }
      this.#blocks.delete(oldest)
    }
    return block
  }

  async #load(number: number): Promise<Uint8Array> {
    const offset = number * BLOCK_BYTES
    const bytes = newBytes(Math.min(BLOCK_BYTES, this.size - offset))
    await this.#fill(bytes, offset)
    return bytes
  }

  async #fill(bytes: Uint8Array, offset: number): Promise<void> {
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, offset + filled)
      filled += bytesRead
      if (bytesRead === 0) {
        break
      }
    }
    const { size, mtimeMs } = await this.#handle.stat()
    if (size < this.size || filled < bytes.length) {
      throw new Error(
        `it was shortened while it was played: from ${this.size} bytes to ${size}; bytes ${offset} to ${offset + bytes.length} were to be read`,
      )
    }
    if (!this.mayGrow && (size !== this.size || mtimeMs !== this.#modifiedMs)) {
      throw new Error(
        `it was changed while it was played, before byte ${offset} was read; to play another file, rename it to this one's name: it follows at the end`,
      )
    }
  }
}

/** Memory of its own for bytes that are all written before they are read: to clear tens of megabytes takes its time. */
function newBytes(length: number): Uint8Array {
  return Buffer.allocUnsafeSlow(Math.max(length, 0))
}
