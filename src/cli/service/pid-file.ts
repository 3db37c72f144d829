import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { ServerError, toError } from '../../base/index.ts'

/** What `ps`, `pgrep` and `killall` call the server, and by which a process is known that has a pid file. */
export const PROCESS_NAME = 'srs'

/** Attempts to take over a pid file that others take at the same time. */
const MAX_ATTEMPTS = 10

/**
 * A file with the number of this process. While the process lives, no other server gets the same file; one that was left by a
 * process that has ended is taken over. Only one of several that start at once gets it: the file appears with its content, by
 * `link`, which fails if there is one.
 */
export class PidFile {
  readonly #path: string
  readonly #content = `${process.pid}\n`

  /**
   * Takes the file; its folder is made.
   * @throws ServerError ERR_CONFIGURATION if a server that runs has it, or it cannot be written
   */
  constructor(path: string) {
    this.#path = resolve(path)
    const own = `${this.#path}.${process.pid}`
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      writeFileSync(own, this.#content)
      this.#take(own)
    } catch (error) {
      if (error instanceof ServerError) {
        throw error
      }
      const { message } = toError(error)
      throw new ServerError('ERR_CONFIGURATION', `the pid file '${path}' cannot be written: ${message}`, {
        cause: error,
      })
    } finally {
      removeIfThere(own)
    }
  }

  /** Removes the file, if it is still this process's. Idempotent. */
  release(): void {
    if (readOrNull(this.#path) === this.#content) {
      removeIfThere(this.#path)
    }
  }

  #take(own: string): void {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (tryLink(own, this.#path)) {
        return
      }
      const content = readOrNull(this.#path)
      const pid = Number(content?.trim() || Number.NaN)
      if (content !== null && isServer(pid)) {
        throw new ServerError(
          'ERR_CONFIGURATION',
          `a server runs with the pid file '${this.#path}' already: process ${pid}; stop it (kill ${pid}), or give this one another pid file`,
        )
      }
      this.#removeStale(content, `${own}.stale`)
    }
    throw new ServerError('ERR_CONFIGURATION', `the pid file '${this.#path}' changes all the time`)
  }

  /** Removes what was left; if another server has just put its own in its place, that one is put back. */
  #removeStale(content: string | null, aside: string): void {
    if (content === null) {
      return
    }
    try {
      renameSync(this.#path, aside)
    } catch {
      // Another one has removed it.
      return
    }
    if (readOrNull(aside) !== content) {
      tryLink(aside, this.#path)
    }
    removeIfThere(aside)
  }
}

/** Is there a process of that number, and is it a server? Numbers are used again, above all in containers. */
function isServer(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) {
    return false
  }
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process may not be sent signals, but is there.
    if (codeOf(error) !== 'EPERM') {
      return false
    }
  }
  const name = readOrNull(`/proc/${pid}/comm`)
  return name === null || name.trim() === PROCESS_NAME
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      return false
    }
    throw error
  }
}

/** The text of a file; null if there is no such file. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return null
    }
    throw error
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Whoever has removed it, or the folder above it, did what was to be done.
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}
