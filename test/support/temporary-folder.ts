import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder for the files of tests; `remove()` it at the end. */
export class TemporaryFolder {
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), 'srs-test-')))
  #count = 0

  /**
   * Writes files into a new folder within.
   * @param files by path; null makes a folder, a text that begins with `->` a link to what follows
   * @returns the new folder
   */
  write(files: Readonly<Record<string, string | Uint8Array | null>>): string {
    const folder = join(this.path, `${this.#count++}`)
    mkdirSync(folder)
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      if (content === null) {
        mkdirSync(path)
      } else if (typeof content === 'string' && content.startsWith('->')) {
        symlinkSync(content.slice(2), path)
      } else {
        writeFileSync(path, content)
      }
    }
    return folder
  }

  /** Removes it with all that is in it. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
