import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toError } from '../../base/index.ts'

/** What waits for a disk that is too slow, bytes; more is left out. */
export const MAX_WAITING_PROGRAM_LOG_BYTES: number = 1024 * 1024

/** Readable by the group that may read the server's own log: programs log addresses as they are given them, with all that is in these. */
const MODE = 0o640

/**
 * The file of what a program writes. It is written in the background, one write after the other; when it grows past a size it is kept
 * once, as `.1`.
 */
export class ProgramLog {
  readonly #path: string
  readonly #maxBytes: number
  readonly #onTrouble: (reason: string) => void
  #file: FileHandle | null = null
  #fileBytes = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #leftOutBytes = 0
  #isBroken = false
  #writing: Promise<void> | null = null

  /**
   * Nothing is opened before something is written.
   * @param path its folder is made
   * @param maxBytes a write that would make it larger begins it anew
   * @param onTrouble told once why it can't be written; then nothing is
   */
  constructor(path: string, maxBytes: number, onTrouble: (reason: string) => void) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#onTrouble = onTrouble
  }

  /** Appends bytes, which must not change any more. Never waits: of what the disk does not take in time, the oldest is left out. */
  write(bytes: Uint8Array): void {
    if (this.#isBroken) {
      return
    }
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    // What it wrote last tells most.
    while (this.#waitingBytes > MAX_WAITING_PROGRAM_LOG_BYTES) {
      const { length } = this.#waiting.shift() ?? bytes
      this.#waitingBytes -= length
      this.#leftOutBytes += length
    }
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when all is written, and the file closed. A later write opens it again. */
  async close(): Promise<void> {
    await this.#writing
    const file = this.#file
    this.#file = null
    await file?.close()
  }

  async #writeAll(): Promise<void> {
    try {
      // What comes in the same turn of the event loop is written at once.
      await null
      for (let next = this.#takeWaiting(); next.length > 0; next = this.#takeWaiting()) {
        await this.#append(next)
      }
    } catch (error) {
      this.#isBroken = true
      this.#waiting = []
      this.#onTrouble(toError(error).message)
    } finally {
      this.#writing = null
    }
  }

  #takeWaiting(): Buffer {
    const taken = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    if (this.#leftOutBytes > 0) {
      taken.unshift(Buffer.from(`\n[${this.#leftOutBytes} bytes are left out: the disk is too slow]\n`))
      this.#leftOutBytes = 0
    }
    return Buffer.concat(taken)
  }

  async #append(bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const file = this.#file ?? (await this.#open())
      if (this.#fileBytes > 0 && this.#fileBytes + bytes.length - start > this.#maxBytes) {
        await this.#rotate()
        continue
      }
      // However much comes at once: no file is larger.
      const part = bytes.subarray(start, start + this.#maxBytes)
      const { bytesWritten } = await file.write(part)
      this.#fileBytes += bytesWritten
      start += bytesWritten
    }
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true })
    this.#file = await open(this.#path, 'a', MODE)
    this.#fileBytes = (await this.#file.stat()).size
    return this.#file
  }

  async #rotate(): Promise<void> {
    await this.#file?.close()
    this.#file = null
    await rename(this.#path, `${this.#path}.1`)
  }
}
