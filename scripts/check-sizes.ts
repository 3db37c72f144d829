import { type Finding, isProgram, isTest, readTree, report, type SourceFile } from './lib/files.ts'

/** A file with more lines than this gets a warning. */
export const WARN_LINES = 400
/** A file with more lines than this fails the check. */
export const MAX_LINES = 800
/** More lines than this in the middle file of `src` get a warning. */
export const WARN_MEDIAN_LINES = 150

/** Files free of the limits: tables that a program writes. */
export const GENERATED: readonly string[] = []

/** How long the files of one group are, in lines. */
export type Sizes = Readonly<{
  /** How many files. */
  files: number
  /** Half of the files are at most this long. */
  median: number
  /** Nine of ten files are at most this long. */
  p90: number
  /** The longest. */
  max: number
}>

/** Counts lines as an editor does: a last line without its line end counts. */
export function countLines(text: string): number {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

/** The sizes of some files; all zero without files. */
export function measure(files: readonly SourceFile[]): Sizes {
  const lines = files.map((file) => countLines(file.text)).sort((a, b) => a - b)
  function quantile(q: number): number {
    return lines[Math.max(0, Math.ceil(lines.length * q) - 1)] ?? 0
  }
  return { files: lines.length, median: quantile(0.5), p90: quantile(0.9), max: lines.at(-1) ?? 0 }
}

/** Findings with more than `limit` lines, longest first. */
export function longerThan(files: readonly SourceFile[], limit: number): Finding[] {
  return files
    .filter((file) => !GENERATED.includes(file.path))
    .map((file) => ({ path: file.path, line: countLines(file.text) }))
    .filter((file) => file.line > limit)
    .sort((a, b) => b.line - a.line)
    .map((file) => ({ ...file, message: `${file.line} lines, more than ${limit}` }))
}

function printSizes(name: string, files: readonly SourceFile[]): void {
  const { files: count, median, p90, max } = measure(files)
  console.log(`${name.padEnd(8)} ${count} files, lines: median ${median}, p90 ${p90}, max ${max}`)
}

if (isProgram(import.meta.url)) {
  const all = ['src', 'web', 'scripts', 'test', 'examples', 'bench'].flatMap((folder) => readTree(folder))
  const source = all.filter((file) => file.path.startsWith('src/') && !isTest(file.path))
  printSizes('src', source)
  printSizes(
    'tests',
    all.filter((file) => isTest(file.path) || file.path.startsWith('test/')),
  )
  printSizes(
    'others',
    all.filter((file) => !/^(src|test)\//.test(file.path) && !isTest(file.path)),
  )
  for (const finding of longerThan(all, WARN_LINES)) {
    console.log(`warning: ${finding.path}: ${finding.message}`)
  }
  const { median, p90 } = measure(source)
  if (median > WARN_MEDIAN_LINES || p90 > WARN_LINES) {
    console.log(
      `warning: src should have a median of ${WARN_MEDIAN_LINES} and a p90 of ${WARN_LINES} lines at most`,
    )
  }
  report(longerThan(all, MAX_LINES), `sizes of ${all.length} files`)
}
