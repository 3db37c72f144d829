/**
 * Where the time goes: `node bench/flame-graph.ts [--from SECONDS] FILE [OUT.svg]` prints the functions that took the most
 * time themselves and draws a flame graph. FILE is a .cpuprofile of `node --cpu-prof`, of which the first seconds may be
 * left out, or the output of `perf script`. See docs/profiling.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { flameGraph } from './lib/flame-graph.ts'
import { heaviest, readCpuProfile, readPerfScript } from './lib/stacks.ts'
import { textTable } from './lib/table.ts'

/** Functions that are printed. */
const ROWS = 25

const { values, positionals } = parseArgs({
  options: { from: { type: 'string', default: '0' } },
  allowPositionals: true,
})
const [file, out] = positionals
if (file === undefined) {
  console.log(
    'usage: node bench/flame-graph.ts [--from SECONDS] FILE.cpuprofile|PERF-SCRIPT-OUTPUT [OUT.svg]',
  )
  process.exit(2)
}
const content = readFileSync(file, 'utf8')
const root = file.endsWith('.cpuprofile')
  ? readCpuProfile(content, Number(values.from))
  : readPerfScript(content)
if (root.total === 0) {
  console.log(`${file}: no samples`)
  process.exit(1)
}
const rows = heaviest(root)
  .slice(0, ROWS)
  .map(({ name, owner, self }) => [share(self), owner, name])
const shares = (['script', 'runtime', 'kernel'] as const).map((owner) => {
  const own = heaviest(root).filter((each) => each.owner === owner)
  return `${owner} ${share(own.reduce((sum, { self }) => sum + self, 0))} %`
})
console.log(`${shares.join(', ')}\n\n${textTable([['%', 'whose', 'function'], ...rows])}`)
if (out !== undefined) {
  writeFileSync(out, flameGraph(`Where the time goes: ${basename(file)}`, root))
  console.log(`\n${out}`)
}

function share(weight: number): string {
  return ((weight / root.total) * 100).toFixed(1)
}
