import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set<string>()

process.on('exit', () => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Makes a folder that is gone when this process is, however it ends, unless `removeFolder` was quicker. */
export function makeFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  folders.add(folder)
  return folder
}

/** Removes a folder that `makeFolder` made, with all that is in it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}
