import { posix } from 'node:path'
import { checkCodeRules } from './lib/code-rules.ts'
import { findCycles } from './lib/cycles.ts'
import { type Finding, isProgram, isTest, readTree, report, type SourceFile } from './lib/files.ts'
import { findImports, type Import } from './lib/imports.ts'
import { tokenize } from './lib/tokens.ts'

/**
 * The folders of `src`, lowest first: each may import those in rows before its own. Folders in one row are apart.
 * `index.ts` is `src/index.ts`, the package's own door. The same table is drawn in `docs/architecture.md`.
 */
export const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['bytes'],
  ['media'],
  ['net'],
  ['rtmp', 'http'],
  ['live'],
  ['ingest', 'delivery'],
  ['ffmpeg'],
  ['control'],
  ['server'],
  ['process'],
  ['index.ts'],
  ['load', 'check'],
  ['cli'],
]

/** Folders whose own parts (sub-folders, and files directly in them) may not import each other. */
export const APART_WITHIN: readonly string[] = ['media', 'ingest', 'delivery']

/** Files that every part of their folder may import all the same. */
export const SHARED_WITHIN: readonly string[] = [
  'src/media/codec.ts',
  'src/delivery/rtmp-codecs.ts',
  'src/delivery/rtmp-format.ts',
]

/**
 * Checks every file of `src` against the layer table, for doors (`index.ts`), cycles, and the rules of `code-rules.ts`.
 * Types count for layers, not for cycles. Unit tests may reach into any part of their own folder and into `test/`.
 */
export function checkLayers(files: readonly SourceFile[]): Finding[] {
  const known = new Set(files.map((file) => file.path))
  const graph = new Map<string, string[]>()
  const findings: Finding[] = []
  for (const file of files) {
    const loaded: string[] = []
    if (!file.path.startsWith('src/')) {
      continue
    }
    if (layerOf(file.path) === null) {
      findings.push({ path: file.path, line: 1, message: `'${topOf(file.path)}' is not in the layer table` })
      continue
    }
    for (const found of findImports(tokenize(file.text))) {
      const target = targetOf(file.path, found)
      const message = problem(file.path, found, target, known)
      if (message !== null) {
        findings.push({ path: file.path, line: found.line, message })
      }
      if (target !== null && !found.typeOnly && !isTest(file.path)) {
        loaded.push(target)
      }
    }
    graph.set(file.path, loaded)
    findings.push(...checkCodeRules(file))
  }
  for (const cycle of findCycles(graph)) {
    findings.push({ path: cycle[0] ?? '', line: 1, message: `import cycle: ${cycle.join(' -> ')}` })
  }
  return findings
}

/** The file a relative import names, from the root; null for a package or a computed import. */
function targetOf(from: string, found: Import): string | null {
  if (found.specifier === null || !found.specifier.startsWith('.')) {
    return null
  }
  return posix.normalize(posix.join(posix.dirname(from), found.specifier))
}

function problem(
  from: string,
  found: Import,
  target: string | null,
  known: ReadonlySet<string>,
): string | null {
  if (found.specifier === null) {
    return isTest(from) ? null : 'a dynamic import must name what it imports'
  }
  if (target === null) {
    const ours = found.specifier.startsWith('/') || /^simple-rtmp-server($|\/)/.test(found.specifier)
    return ours ? `'${found.specifier}': src imports its own files by relative paths` : null
  }
  if (!target.startsWith('src/')) {
    return isTest(from) && target.startsWith('test/') ? null : `imports '${target}', which is not in src`
  }
  if (!known.has(target)) {
    return `imports '${target}', which does not exist`
  }
  if (isTest(target)) {
    return `imports the unit test '${target}'`
  }
  return topOf(from) === topOf(target) ? problemWithin(from, target) : problemAcross(from, target)
}

function problemWithin(from: string, target: string): string | null {
  const folder = topOf(from)
  if (isTest(from) || from === doorOf(folder)) {
    return null
  }
  if (target === doorOf(folder)) {
    return `imports its own folder's index.ts; import the file that has it`
  }
  const apart = APART_WITHIN.includes(folder) && partOf(from) !== partOf(target)
  if (apart && !SHARED_WITHIN.includes(target)) {
    return `src/${folder}/${partOf(from)} and src/${folder}/${partOf(target)} are apart`
  }
  return null
}

function problemAcross(from: string, target: string): string | null {
  const [own, other] = [layerOf(from), layerOf(target)]
  if (own === null || other === null) {
    return `imports '${target}', and '${topOf(target)}' is not in the layer table`
  }
  if (other > own) {
    return `imports upward: ${topOf(from)} is below ${topOf(target)}`
  }
  if (other === own) {
    return `${topOf(from)} and ${topOf(target)} are apart`
  }
  const door = doorOf(topOf(target))
  return target === door ? null : `imports '${target}'; a folder is imported through its index.ts, '${door}'`
}

/** `media` for `src/media/flv/tag.ts`. A file directly in `src` is its own folder; `index.test.ts` belongs to `index.ts`. */
function topOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/^index\.test\.ts$/, 'index.ts')
}

/** `flv` for `src/media/flv/tag.ts`, `http-flv` for `src/delivery/http-flv.ts`. */
function partOf(path: string): string {
  return (path.split('/')[2] ?? '').replace(/\.tsx?$/, '')
}

function doorOf(folder: string): string {
  return folder === 'index.ts' ? 'src/index.ts' : `src/${folder}/index.ts`
}

function layerOf(path: string): number | null {
  const row = LAYERS.findIndex((folders) => folders.includes(topOf(path)))
  return row === -1 ? null : row
}

if (isProgram(import.meta.url)) {
  const files = readTree('src')
  report(checkLayers(files), `layers of ${files.length} files`)
}
