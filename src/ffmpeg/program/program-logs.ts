import { dirname, join } from 'node:path'
import { type Logger, toError } from '../../base/index.ts'
import { removeOldLogs } from './log-folder.ts'
import type { ProgramOptions } from './options.ts'
import { ProgramLog } from './program-log.ts'

/** Bytes of the name of a file, as most file systems have it; `.1` is put behind it. */
const MAX_LOG_NAME_BYTES = 253

/** A log that is open. */
export type OpenProgramLog = Readonly<{
  /** Where it is. */
  path: string
  /** Appends bytes, which must not change any more. */
  write: (bytes: Uint8Array) => void
  /** To be called once, at the end. Resolves when all is written, and there are no more files than there may be. */
  close: () => Promise<void>
}>

/** The logs of all programs: two of one name write to one file. */
export class ProgramLogs {
  readonly #logger: Logger
  readonly #open = new Map<string, { log: ProgramLog; users: number }>()
  #canRemove = true

  /** @param logger told of logs that can't be written */
  constructor(logger: Logger) {
    this.#logger = logger
  }

  /**
   * Opens the log of a program.
   * @param name one part of a path
   * @returns null if logs are not kept, or there can be no file of that name
   */
  open(name: string, { logDirectory, maxLogBytes, maxLogFiles }: ProgramOptions): OpenProgramLog | null {
    // As in SRS: this says that logs are not wanted.
    if (logDirectory === null || logDirectory === '/dev/null') {
      return null
    }
    if (!isFileName(name)) {
      this.#logger.warn({ log: name }, 'a program has no log: its name can be no file')
      return null
    }
    const path = join(logDirectory, name)
    const shared = this.#open.get(path) ?? {
      log: new ProgramLog(path, maxLogBytes, (reason) =>
        this.#logger.warn({ log: path, reason }, 'the log of a program can not be written'),
      ),
      users: 0,
    }
    this.#open.set(path, shared)
    shared.users++
    return { path, write: (bytes) => shared.log.write(bytes), close: () => this.#close(path, maxLogFiles) }
  }

  async #close(path: string, maxFiles: number): Promise<void> {
    const shared = this.#open.get(path)
    if (shared !== undefined && --shared.users === 0) {
      this.#open.delete(path)
      await shared.log.close()
      await this.#removeOld(dirname(path), maxFiles)
    }
  }

  /** Whoever may publish under any name would fill the folder without end. */
  async #removeOld(folder: string, maxFiles: number): Promise<void> {
    try {
      await removeOldLogs(folder, maxFiles, (path) => this.#open.has(path.replace(/\.1$/, '')))
      this.#canRemove = true
    } catch (error) {
      if (this.#canRemove) {
        this.#canRemove = false
        this.#logger.warn(
          { folder, reason: toError(error).message },
          'old logs of programs can not be removed',
        )
      }
    }
  }
}

function isFileName(name: string): boolean {
  const bytes = Buffer.byteLength(name)
  return !/[/\0]/.test(name) && name !== '.' && name !== '..' && bytes > 0 && bytes <= MAX_LOG_NAME_BYTES
}
