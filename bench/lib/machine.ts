import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, type as systemName, totalmem } from 'node:os'
import { REPOSITORY } from '../../scripts/lib/files.ts'
import type { Machine } from './results.ts'

/** What the bench runs on. */
export function describeMachine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    memoryBytes: totalmem(),
    kernel: `${systemName()} ${release()}`,
    node: process.versions.node,
  }
}

/** The revision that is measured: short hash, with '+' if files that matter were changed since. */
export function describeRevision(): string {
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'bench', 'package-lock.json')
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

/** Files, so sockets, that one process may have open: Node raises its own limit to this by itself. */
export function openFilesLimit(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' }).trim()
}
