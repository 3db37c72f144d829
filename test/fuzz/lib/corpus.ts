import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { REPOSITORY } from '../../../scripts/lib/files.ts'

/** The folder with a folder for each target. */
export const CORPUS: string = fileURLToPath(new URL('../corpus/', import.meta.url))

/** A saved input. */
export type CorpusFile = Readonly<{
  /** Within the corpus: `amf0/number.bin`. */
  path: string
  bytes: Uint8Array
}>

/** The saved inputs of a target, crashers among them. */
export function readCorpus(target: string): CorpusFile[] {
  const folder = join(CORPUS, target)
  if (!existsSync(folder)) {
    return []
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.bin'))
  return names.sort().map((name) => ({
    path: `${target}/${name}`,
    bytes: new Uint8Array(readFileSync(join(folder, name))),
  }))
}

/** Saves an input that something was found with; returns its path from the repository's root. */
export function saveCrasher(target: string, input: Uint8Array): string {
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12)
  const path = join(CORPUS, target, `crash-${hash}.bin`)
  mkdirSync(join(CORPUS, target), { recursive: true })
  writeFileSync(path, input)
  return relative(REPOSITORY, path)
}
