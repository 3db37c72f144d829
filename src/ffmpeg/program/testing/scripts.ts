import { chmodSync } from 'node:fs'
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

/** Whether a process, or with a number below 0 any of its group, is there. One that has ended and was not asked how is there, too. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
