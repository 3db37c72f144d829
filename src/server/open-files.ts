import process from 'node:process'
import type { Logger } from '../base/index.ts'

/** File descriptors that are needed for other things than connections: SRS reckons with as many. */
export const RESERVED_OPEN_FILES = 128

/** The system's limit does not change while a process runs, and asking for it takes milliseconds. */
let knownLimit: number | null = null

/** How many files and connections this process may have open (`ulimit -n`); infinite where there is no limit. */
export function openFilesLimit(): number {
  knownLimit ??= readOpenFilesLimit()
  return knownLimit
}

/**
 * How many connections to take: as many as asked for, with a warning if the system will not allow them; by default no more than it
 * allows, so that the last ones are refused in an orderly way.
 */
export function allowedConnections(asked: number | undefined, byDefault: number, logger: Logger): number {
  const available = Math.max(1, openFilesLimit() - RESERVED_OPEN_FILES)
  if (asked === undefined) {
    return Math.min(byDefault, available)
  }
  if (asked > available) {
    logger.warn(
      { maxConnections: asked, openFiles: openFilesLimit() },
      `the system does not allow that many connections: raise its limit of open files to ${asked + RESERVED_OPEN_FILES} (ulimit -n, LimitNOFILE of systemd), or lower limits.maxConnections to ${available}`,
    )
  }
  return asked
}

function readOpenFilesLimit(): number {
  const report = process.report as typeof process.report & {
    excludeNetwork: boolean
    getReport(): { userLimits?: { open_files?: { soft: number | string } } }
  }
  const { excludeNetwork } = report
  // Else it would look up the names of every peer.
  report.excludeNetwork = true
  const limits = (report.getReport() as { userLimits?: { open_files?: { soft: number | string } } })
    .userLimits
  report.excludeNetwork = excludeNetwork
  const soft = limits?.open_files?.soft
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY
}
