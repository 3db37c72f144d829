/**
 * Writes what the rows of the configuration say: `docs/reference/config.md` and `conf/full.conf`. Run after a change of the
 * rows; a test compares.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeConfigReference } from './lib/config-reference.ts'
import { isProgram, REPOSITORY } from './lib/files.ts'
import { writeFullConfig } from './lib/full-config.ts'

/** The files by path, with what is to be in them. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/config.md', writeConfigReference()],
    ['conf/full.conf', writeFullConfig()],
  ])
}

if (isProgram(import.meta.url)) {
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(join(REPOSITORY, path)), { recursive: true })
    writeFileSync(join(REPOSITORY, path), text)
    console.log(`${path}: ${text.split('\n').length - 1} lines`)
  }
}
