import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { REPOSITORY } from '../../scripts/lib/files.ts'
import { CACHE } from './tools.ts'

const BUILD = join(CACHE, 'build')
let built = false

/**
 * Compiles bench and sources, once. What is measured runs compiled, as it is shipped: Node's own way with TypeScript takes tens of
 * megabytes.
 * @param source URL of a file of the bench that is a program
 * @returns the path of what became of it
 */
export function compiledProgram(source: URL): string {
  if (!built) {
    rmSync(BUILD, { recursive: true, force: true })
    const compiler = join(REPOSITORY, 'node_modules', '.bin', 'tsc')
    execFileSync(compiler, ['-p', join(REPOSITORY, 'bench')], { stdio: ['ignore', 'inherit', 'inherit'] })
    built = true
  }
  return join(BUILD, relative(REPOSITORY, fileURLToPath(source))).replace(/\.ts$/, '.js')
}
