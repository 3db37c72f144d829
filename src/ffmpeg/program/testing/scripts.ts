import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** Where programs are written to: a `TemporaryFolder` of the tests. */
type Folders = Readonly<{ write: (files: Readonly<Record<string, string>>) => string }>

/** Writes a program in POSIX sh. Returns its path. */
export function writeScript(folders: Folders, text: string, name = 'ffmpeg'): string {
  const path = join(folders.write({ [name]: `#!/bin/sh\n${text}\n` }), name)
  chmodSync(path, 0o755)
  return path
}

/** Whether a process is there, or with a number below 0 any of its group; one that has ended and waits to be asked how it did counts in a group. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isOver(pid)
  } catch {
    return false
  }
}

/** proc(5): `Z` is the state of one that has ended. */
function isOver(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && / Z /.test(readFileSync(stat, 'utf8').replace(/^.*\)/s, ''))
}
