/**
 * Writes the numbers of `docs/performance/results.json` (or of the file that is named) into `docs/performance.md` and draws
 * its pictures: `node bench/report.ts [FILE]`. With a file, that one becomes the page's.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isProgram, REPOSITORY } from '../scripts/lib/files.ts'
import { fillPage, reportParts } from './lib/markdown.ts'
import { drawPlots } from './lib/plots.ts'
import { type BenchResult, withScenarios } from './lib/results.ts'

const PAGE = join(REPOSITORY, 'docs', 'performance.md')
const FOLDER = join(REPOSITORY, 'docs', 'performance')
const RESULTS = join(FOLDER, 'results.json')

/** Makes this the result that the page tells of. */
export function writeReport(result: BenchResult): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(RESULTS, `${JSON.stringify(result, null, 2)}\n`)
  for (const [name, picture] of drawPlots(result)) {
    writeFileSync(join(FOLDER, name), picture)
  }
  writeFileSync(PAGE, fillPage(readFileSync(PAGE, 'utf8'), reportParts(result)))
}

/** Makes these scenarios part of what the page tells of; all else stays. */
export function addToReport(part: BenchResult): void {
  writeReport(withScenarios(readResult(RESULTS), part))
}

function readResult(file: string): BenchResult {
  return JSON.parse(readFileSync(file, 'utf8')) as BenchResult
}

if (isProgram(import.meta.url)) {
  const [file = RESULTS] = process.argv.slice(2)
  writeReport(readResult(resolve(file)))
  console.log('docs/performance.md and its pictures are up to date')
}
