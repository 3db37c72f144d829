import { link, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

/** Attempts to take over a lock that others take at the same time. */
const MAX_ATTEMPTS = 10

/** Fields of /proc/PID/stat behind the name of the program up to `starttime` (proc(5)). */
const FIELDS_TO_START_TIME = 19

/** Locks of this process: the number of a process does not tell two servers in it apart. */
const held = new Set<string>()

/**
 * Keeps a folder for one server: a file `lock` in it with the number of the process and the moment it started, so that one that was
 * left by a process that has died is known, also when its number is another's by now.
 */
export class FolderLock {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** @throws Error if a process that lives has it */
  static async take(folder: string): Promise<FolderLock> {
    // One folder has one name here, however it was written.
    const path = join(await realpath(folder), 'lock')
    if (held.has(path)) {
      throw new Error('another server in this process uses it')
    }
    held.add(path)
    const own = `${path}.${process.pid}`
    try {
      await writeFile(own, (await describeProcess(process.pid)) ?? '')
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        // Appears with its content, and fails if there is one.
        if (await succeeds(link(own, path), 'EEXIST')) {
          return new FolderLock(path)
        }
        await removeStale(path, `${own}.stale`)
      }
      throw new Error(`'${path}' changes all the time`)
    } catch (error) {
      held.delete(path)
      throw error
    } finally {
      await rm(own, { force: true })
    }
  }

  /** Frees the folder. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true })
    held.delete(this.#path)
  }
}

/**
 * Removes a lock whose process has died; if another one has just put its own in its place, that is put back.
 * @throws Error if the process lives
 */
async function removeStale(path: string, aside: string): Promise<void> {
  const content = await readOrNull(path)
  if (content === null) {
    return
  }
  const pid = Number(content.split(' ')[0])
  if (pid !== process.pid && content === (await describeProcess(pid))) {
    throw new Error(`process ${pid} uses it`)
  }
  if (await succeeds(rename(path, aside), 'ENOENT')) {
    if ((await readOrNull(aside)) !== content) {
      await succeeds(link(aside, path), 'EEXIST')
    }
    await rm(aside, { force: true })
  }
}

/** A process that lives, as no other one is described: its number and when it started; null if there is none. */
async function describeProcess(pid: number): Promise<string | null> {
  if (!Number.isInteger(pid) || pid <= 0) {
    return null
  }
  const stat = await readOrNull(`/proc/${pid}/stat`)
  if (stat !== null) {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${pid} ${fields[FIELDS_TO_START_TIME] ?? ''}`
  }
  try {
    // Where there is no /proc, the number has to do.
    process.kill(pid, 0)
    return `${pid} `
  } catch (error) {
    return codeOf(error) === 'EPERM' ? `${pid} ` : null
  }
}

/** False if it fails with that code. */
async function succeeds(work: Promise<void>, code: string): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (codeOf(error) === code) {
      return false
    }
    throw error
  }
}

/** The text of a file; null if there is none. */
async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') {
      return null
    }
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}
