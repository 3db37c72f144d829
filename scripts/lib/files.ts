import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the repository, as the checks see it; fixtures in tests are made of the same. */
export type SourceFile = Readonly<{
  /** Path from the repository's root, with `/`: `src/media/flv/tag.ts`. */
  path: string
  /** What is in it. */
  text: string
}>

/** Something a check has to say about one line. */
export type Finding = Readonly<{
  /** As in `SourceFile`. */
  path: string
  /** From 1. */
  line: number
  /** What is wrong, and what to do where that is not plain. */
  message: string
}>

/** The repository's root folder. */
export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url))

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage'])

/**
 * Reads the files below `folder` whose name matches, sorted by path; a folder that is not there has none.
 * @param folder path from the repository's root, e.g. `src`
 */
export function readTree(folder: string, name: RegExp = /\.tsx?$/): SourceFile[] {
  return readFolder(REPOSITORY, folder, name)
}

/** As `readTree`, below any root. */
export function readFolder(root: string, folder: string, name: RegExp): SourceFile[] {
  const files: SourceFile[] = []
  function visit(path: string): void {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name)
      if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) {
        visit(child)
      } else if (entry.isFile() && name.test(entry.name)) {
        const fromRoot = relative(root, child).split(sep).join('/')
        files.push({ path: fromRoot, text: readFileSync(child, 'utf8') })
      }
    }
  }
  try {
    visit(join(root, folder))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Reads one file of the repository. */
export function readFile(path: string): SourceFile {
  return { path, text: readFileSync(join(REPOSITORY, path), 'utf8') }
}

/** Whether a path is that of a unit test. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path)
}

/** Whether the module with this `import.meta.url` is the program that was started. */
export function isProgram(moduleUrl: string): boolean {
  // Module addresses have symbolic links resolved, arguments have not.
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl)
}

/** Prints findings as `path:line  message` and a summary; the process then exits with 1 if there are any. */
export function report(findings: readonly Finding[], checked: string): void {
  for (const finding of findings) {
    console.log(`${finding.path}:${finding.line}  ${finding.message}`)
  }
  console.log(`${checked}: ${findings.length === 0 ? 'no problems' : `${findings.length} problem(s)`}`)
  if (findings.length > 0) {
    process.exitCode = 1
  }
}
