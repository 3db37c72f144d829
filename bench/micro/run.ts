/**
 * Micro-benchmarks: `npm run bench:micro` prints times; `-- --compare REV` runs the same files against the sources of another
 * revision, in turn with the present ones, and prints ratios.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { REPOSITORY } from '../../scripts/lib/files.ts'
import { type Table, textTable } from '../lib/table.ts'
import { makeFolder, removeFolder } from '../lib/temporary-folder.ts'
import type { MicroResult } from './micro-bench.ts'

const HERE = join('bench', 'micro')
/** Revisions take turns so often; the best of the turns counts, as noise only ever adds. */
const ROUNDS = 3
/** A change below it is noise, share. */
const NOISE = 0.1

const { values: options } = parseArgs({
  options: {
    compare: { type: 'string' },
    only: { type: 'string' },
    ms: { type: 'string', default: '500' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (options.help) {
  console.log(`npm run bench:micro -- [options]
  --compare REV   beside the sources of a git revision
  --only NAMES    files by their beginnings: api,chunk,amf0,flv,mpegts
  --ms N          time for each bench, default 500`)
  process.exit()
}
const files = readdirSync(join(REPOSITORY, HERE))
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => options.only?.split(',').some((start) => name.startsWith(start)) ?? true)

if (options.compare === undefined) {
  for (const file of files) {
    console.log(`\n${basename(file, '.bench.ts')}\n${textTable(timesTable(runFile(REPOSITORY, file)))}`)
  }
} else {
  const other = checkOut(options.compare)
  // Without it a signal would end the process without a word to those who clean up.
  process.once('SIGINT', () => process.exit(130))
  try {
    for (const file of files) {
      console.log(`\n${basename(file, '.bench.ts')}\n${textTable(compareFile(other, file, options.compare))}`)
    }
  } finally {
    removeFolder(other)
  }
}

/** The sources of a revision, and its helpers for tests, in a folder of their own, with the benches and packages of the present one. */
function checkOut(revision: string): string {
  const folder = makeFolder('bench-micro-')
  // An archive, not a worktree: nothing is left in the repository if this is interrupted.
  const archive = execFileSync('git', ['archive', revision, '--', 'src', 'test/support', 'package.json'], {
    cwd: REPOSITORY,
    maxBuffer: 1024 ** 3,
  })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  mkdirSync(join(folder, 'bench'))
  for (const needed of [HERE, join('test', 'support')]) {
    cpSync(join(REPOSITORY, needed), join(folder, needed), { recursive: true })
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Null if the file can't be run there, as that revision has other names. */
function runFile(root: string, file: string): readonly MicroResult[] | null {
  const args = [join(root, HERE, 'worker.ts'), join(root, HERE, file), options.ms]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) {
    console.log(stderr.trim())
    return null
  }
  return JSON.parse(stdout) as MicroResult[]
}

function compareFile(other: string, file: string, revision: string): Table {
  const best = { here: new Map<string, number>(), there: new Map<string, number>() }
  for (let round = 0; round < ROUNDS; round++) {
    keepBest(best.there, runFile(other, file))
    keepBest(best.here, runFile(REPOSITORY, file))
  }
  const rows = [...best.here].map(([name, here]) => {
    const there = best.there.get(name)
    const ratio = there === undefined ? null : here / there
    return [name, formatTime(there ?? null), formatTime(here), ratio?.toFixed(2) ?? '-', verdict(ratio)]
  })
  return [['', `${revision}, us`, 'now, us', 'now / then', ''], ...rows]
}

function keepBest(best: Map<string, number>, results: readonly MicroResult[] | null): void {
  for (const { name, microseconds } of results ?? []) {
    best.set(name, Math.min(microseconds, best.get(name) ?? Number.POSITIVE_INFINITY))
  }
}

function timesTable(results: readonly MicroResult[] | null): Table {
  const rows = (results ?? []).map(({ name, microseconds, mediaSeconds }) => [
    name,
    formatTime(microseconds),
    // How many streams one processor could do this for, if it did nothing else.
    mediaSeconds === null ? '' : Math.floor((mediaSeconds * 1e6) / microseconds).toLocaleString('en-US'),
  ])
  return [['', 'us', 'streams a core'], ...rows]
}

function formatTime(microseconds: number | null): string {
  return microseconds === null ? '-' : microseconds.toPrecision(microseconds < 100 ? 3 : 4)
}

function verdict(ratio: number | null): string {
  if (ratio === null || Math.abs(ratio - 1) <= NOISE) {
    return ''
  }
  return ratio < 1 ? 'faster' : 'slower'
}
