import { access, readdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'

/** A file as faults name it, and where it is. */
export type NamedFile = Readonly<{ name: string; path: string }>

/**
 * The files an `include` means. A relative path counts from the working directory, as in SRS; if there is nothing, from the folder
 * of the file that includes. `*` and `?` in the last part of a path stand for any characters: then it is the files that are there,
 * sorted, which may be none; hidden ones only if the pattern begins with a dot.
 */
export async function findIncluded(word: string, including: NamedFile, cwd: string): Promise<NamedFile[]> {
  const places = isAbsolute(word) ? [word] : [resolve(cwd, word), join(dirname(including.path), word)]
  const names = isAbsolute(word) ? [word] : [word, join(dirname(including.name), word)]
  const candidates = places.map((path, index): NamedFile => ({ path, name: names[index] ?? path }))
  const [first] = candidates
  const pattern = word.slice(word.lastIndexOf('/') + 1)
  if (/[*?]/.test(pattern)) {
    for (const candidate of candidates) {
      const found = await findMatches(candidate, pattern)
      if (found.length > 0) {
        return found
      }
    }
    return []
  }
  for (const candidate of candidates) {
    if (await exists(candidate.path)) {
      return [candidate]
    }
  }
  return first === undefined ? [] : [first]
}

async function findMatches({ name, path }: NamedFile, pattern: string): Promise<NamedFile[]> {
  const expression = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')}$`,
    's',
  )
  const files = await readdir(dirname(path)).catch((): string[] => [])
  return files
    .filter((file) => expression.test(file) && (pattern.startsWith('.') || !file.startsWith('.')))
    .sort()
    .map((file) => ({ name: join(dirname(name), file), path: join(dirname(path), file) }))
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
