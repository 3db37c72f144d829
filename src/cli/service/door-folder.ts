import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { ServerError } from '../../base/index.ts'
import type { Environment } from '../../control/index.ts'
import { hasUnixListener } from '../../net/index.ts'

/** A door whose file is there; whether a server is behind it is seen when it is asked. */
export type FoundDoor = Readonly<{
  /** Its Unix socket. */
  path: string
  /** The process that made it. */
  pid: number
  /** A port that the server listens on, by which people tell servers apart; 0 if it has none. */
  port: number
}>

/** Only the user whose servers these are may look. */
const FOLDER_MODE = 0o700

/** What only the group and others may do, of a file's mode. */
const GROUP_AND_OTHERS = 0o077

const DOOR_NAME = /^(\d+)-(\d+)\.sock$/

/** A door, or one that was being made. */
const SOCKET_NAME = /^\d+-\d+\.sock(\.[0-9a-f]+)?$/

/** Nobody listens yet on one that is being made: it is left alone until it is so old, ms. */
const NASCENT_MS = 60_000

/** Where the doors of all servers of this user are: in XDG_RUNTIME_DIR, which is the user's own, or else in the temporary folder. */
export function doorFolderOf(environment: Environment = process.env): string {
  const runtimeFolder = environment.XDG_RUNTIME_DIR ?? ''
  return runtimeFolder === '' ? join(tmpdir(), `srs-${userNumber()}`) : join(runtimeFolder, 'srs')
}

/**
 * The door of this process among those of the user; the folder is made, and doors that killed servers have left are removed: those on
 * which nobody listens. Whether there is a process with the number in the name does not say that: numbers are used again, and that of a
 * server in another container means nothing here.
 * @param port see `FoundDoor`
 * @throws Error if the folder can't be made, as there is none above it
 * @throws ServerError ERR_CONFIGURATION if the folder is not the user's own: then others could see what is asked there
 */
export async function prepareDoor(folder: string, port: number): Promise<string> {
  makeFolder(folder)
  requireOwn(folder)
  const names = readdirSync(folder).filter((name) => SOCKET_NAME.test(name))
  await Promise.all(names.map((name) => removeIfLeft(join(folder, name))))
  return join(folder, `${port}-${process.pid}.sock`)
}

/** Of whom this process is. In containers it often is nobody's who has a name: `userInfo` alone would fail there. */
function userNumber(): number {
  return process.getuid?.() ?? userInfo().uid
}

/** Removes a Unix socket on which nobody listens; everything else, links among it, is left alone. */
async function removeIfLeft(path: string): Promise<void> {
  const status = lstatSync(path, { throwIfNoEntry: false })
  const isNascent = !path.endsWith('.sock') && Date.now() - (status?.mtimeMs ?? 0) < NASCENT_MS
  if (status?.isSocket() && status.uid === userNumber() && !isNascent && !(await hasUnixListener(path))) {
    rmSync(path, { force: true })
  }
}

/** The doors in a folder, by port; none if there is no such folder. Those of another user's folder are not looked at. */
export function findDoors(folder: string): FoundDoor[] {
  try {
    requireOwn(folder)
  } catch {
    return []
  }
  return readdirSync(folder)
    .flatMap((name) => {
      const [, port, pid] = DOOR_NAME.exec(name) ?? []
      return pid === undefined ? [] : [{ path: join(folder, name), port: Number(port), pid: Number(pid) }]
    })
    .toSorted((one, other) => one.port - other.port)
}

/**
 * Only this one: the folder above is the system's to make. (And where nothing can be made, as in /proc, Node tries for ever to make a
 * whole path: the server would never begin.)
 */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: FOLDER_MODE })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw error
    }
  }
}

/** A folder in the temporary one could be made by anybody beforehand. */
function requireOwn(folder: string): void {
  const status = lstatSync(folder)
  const isPrivate = status.uid === userNumber() && (status.mode & GROUP_AND_OTHERS) === 0
  if (!status.isDirectory() || !isPrivate) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `'${folder}' is not a folder of this user alone: remove it, or set XDG_RUNTIME_DIR`,
    )
  }
}
