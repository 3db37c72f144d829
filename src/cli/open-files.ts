import { readFileSync } from 'node:fs'
import type { ConfigFault } from '../control/index.ts'

/** Files that a server opens besides its connections, as SRS counts them. */
const OTHER_FILES = 128

/**
 * What to tell of a configuration that allows more connections than the system lets this process have open; null if there is
 * room.
 * @param maxConnections as the configuration has it, with its place
 * @param limits the text of /proc/self/limits; default: this process's, if the system has such
 */
export function openFilesNotice(
  { value, place }: Readonly<{ value: number; place: ConfigFault['place'] }>,
  limits: string | null = readLimits(),
): ConfigFault | null {
  const allowed = Number(/^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1] ?? Number.POSITIVE_INFINITY)
  if (value + OTHER_FILES <= allowed) {
    return null
  }
  return {
    place,
    message: `max_connections is ${value}, and the system lets this process open ${allowed} files, ${OTHER_FILES} of which are needed for other things: raise the limit (ulimit -n, LimitNOFILE) or lower max_connections`,
  }
}

/** Only Linux has the file. */
function readLimits(): string | null {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return null
  }
}
