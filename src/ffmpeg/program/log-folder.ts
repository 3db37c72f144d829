import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ms, ms } from '../../base/index.ts'

/** Names of the logs of transcode, ingest and exec, also of what is kept of them: nothing else in the folder is ours. */
const LOG_NAME = /^(?:ffmpeg-(?:encoder|ingest)-.+|exec-.+-\d+)\.log(?:\.1)?$/

/** Whether a file has a name that a log of a program may have. */
export function isProgramLogName(name: string): boolean {
  return LOG_NAME.test(name)
}

/**
 * Removes those logs of a folder that were written least recently, until no more are left than there may be. Those in use count, and stay.
 * @param maxFiles how many may be left
 * @param isInUse asked by path, right before a file is removed
 * @throws Error of the system if the folder can't be read, or a file not be removed
 */
export async function removeOldLogs(
  folder: string,
  maxFiles: number,
  isInUse: (path: string) => boolean,
): Promise<void> {
  const names = (await readdir(folder)).filter(isProgramLogName)
  if (names.length <= maxFiles) {
    return
  }
  const found = await Promise.all(names.map((name) => lastWriteOf(join(folder, name))))
  const logs = found.filter((log) => log !== null).toSorted((a, b) => a.writtenAt - b.writtenAt)
  let surplus = logs.length - maxFiles
  for (const { path } of logs) {
    if (surplus > 0 && !isInUse(path)) {
      await rm(path, { force: true })
      surplus--
    }
  }
}

/** Null if it is gone meanwhile, or is no file, such as a link that somebody has put there. */
async function lastWriteOf(path: string): Promise<{ path: string; writtenAt: Ms } | null> {
  const stats = await lstat(path).catch(() => null)
  return stats?.isFile() === true ? { path, writtenAt: ms(stats.mtimeMs) } : null
}
