import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import process from 'node:process'
import { isMainThread } from 'node:worker_threads'
import { ServerError } from '../base/index.ts'

/** A Unix socket's path in bytes: what fits everywhere (Linux takes 107, macOS 103), and room for the name it is made under. */
export const MAX_UNIX_PATH_BYTES = 90

/** How long whoever has a Unix socket may take to accept the connection by which that is found out, ms. */
const UNIX_TRIAL_TIMEOUT_MS = 2_000

/** Reading, writing and executing, for everybody. */
const ALL_RIGHTS = 0o777

/** A Unix socket that is being made under another name, so that nobody finds it before it is complete. */
export type NascentUnixSocket = Readonly<{
  /** Where to bind. */
  temporaryPath: string
  /** After binding: sets who may connect, and gives it its name. */
  complete(): void
  /** Removes what is there of it, unless somebody has put another file in its place. */
  remove(): void
}>

/**
 * Gets a Unix socket's path ready: one that nobody listens on any more is replaced, everything else is left alone.
 * @throws ServerError ERR_LISTEN if somebody listens there, something else has the name, or it is too long
 */
export async function prepareUnixSocket(
  path: string,
  mode: number,
  purpose: string,
): Promise<NascentUnixSocket> {
  const fault = (problem: string, cause?: unknown): ServerError =>
    new ServerError('ERR_LISTEN', `cannot listen on unix:${path} for ${purpose}: ${problem}`, { cause })
  if (Buffer.byteLength(path) > MAX_UNIX_PATH_BYTES) {
    throw fault(`the path is longer than ${MAX_UNIX_PATH_BYTES} bytes (MAX_UNIX_PATH_BYTES)`)
  }
  if (!existsSync(dirname(path))) {
    throw fault('there is no such folder; make it, or choose another path')
  }
  const present = lstatSync(path, { throwIfNoEntry: false })
  if (present !== undefined && !present.isSocket()) {
    throw fault('another file has that name, and is left alone; remove it or choose another path')
  }
  if (present !== undefined && (await hasUnixListener(path))) {
    throw fault('another program listens on it; stop that program or choose another path')
  }
  const temporaryPath = `${path}.${randomBytes(4).toString('hex')}`
  let inode: number | null = null
  return {
    temporaryPath,
    complete() {
      chmodSync(temporaryPath, mode)
      inode = lstatSync(temporaryPath).ino
      // Takes the place of a file that a dead program left.
      renameSync(temporaryPath, path)
    },
    remove() {
      rmSync(temporaryPath, { force: true })
      if (inode !== null && lstatSync(path, { throwIfNoEntry: false })?.ino === inode) {
        rmSync(path, { force: true })
      }
    },
  }
}

/**
 * Begins to bind a Unix socket so that nobody whom `mode` keeps out can connect even before `complete` has set it, whatever the umask
 * is: who did would stay. Workers have no umask of their own, so for them it is that of the process.
 * @param begin binds before it returns
 */
export function bindWithMode<T>(mode: number, begin: () => T): T {
  if (!isMainThread) {
    return begin()
  }
  const before = process.umask(ALL_RIGHTS & ~mode)
  try {
    return begin()
  } finally {
    process.umask(before)
  }
}

/** Whether a program listens on the Unix socket; one that can't be asked is taken to. */
export function hasUnixListener(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const answer = (isTaken: boolean): void => {
      socket.destroy()
      resolve(isTaken)
    }
    socket.setTimeout(UNIX_TRIAL_TIMEOUT_MS, () => answer(true))
    socket.once('connect', () => answer(true))
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      answer(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}
