import type { ConfigFault, Place } from './statement.ts'

/** Faults that are shown with their line of the file; the others are told in one line each. */
const MAX_SHOWN_LINES = 5

/** Columns of a line that are shown around a fault. */
const MAX_SHOWN_COLUMNS = 100

/** A fault in one line: `file:line:column: message`, as editors and terminals know it. */
export function formatFault({ place, message }: ConfigFault): string {
  return place === null ? message : `${formatPlace(place)}: ${message}`
}

/** A place as people and editors write it: `file:line:column`. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

/**
 * Faults for people, one a line. The first few are followed by the line they are in and a caret below the place.
 * @param sources texts of the files by name, as `loadConfig` gives them; without them no lines are shown
 * @returns lines that end with a line break
 */
export function formatFaults(
  faults: readonly ConfigFault[],
  sources: ReadonlyMap<string, string> = new Map(),
): string {
  const texts = faults.map((fault, index) => {
    const shown = index < MAX_SHOWN_LINES ? showLine(fault.place, sources) : ''
    return `${formatFault(fault)}\n${shown}`
  })
  return texts.join('')
}

function showLine(place: Place | null, sources: ReadonlyMap<string, string>): string {
  const source = place === null ? undefined : sources.get(place.file)
  const line = source?.split(/\r\n?|\n/, place?.line)[(place?.line ?? 0) - 1]
  if (place === null || line === undefined || line.trim() === '') {
    return ''
  }
  const from = Math.max(0, place.column - 1 - MAX_SHOWN_COLUMNS / 2)
  const before = line.slice(from, place.column - 1)
  const behind = line.slice(place.column - 1, from + MAX_SHOWN_COLUMNS)
  // Tabs stay tabs, so that the caret stands below its character whatever their width; wide characters count as one.
  const padding = before.replace(/[^\t]/g, ' ')
  return `    ${printable(before)}${printable(behind)}\n    ${padding}^\n`
}

/** A line of a file must not move the cursor of the terminal it is shown on. */
function printable(text: string): string {
  return text.replace(/(?!\t)\p{Cc}/gu, '\ufffd')
}
