/** Who imports whom: each file with the files it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/**
 * Finds import cycles, one for each group of files that can all reach each other, as a shortest path from the group's
 * first file back to itself: `['a.ts', 'b.ts', 'a.ts']`.
 */
export function findCycles(graph: ImportGraph): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  for (const file of [...graph.keys()].sort()) {
    if (done.has(file)) {
      continue
    }
    const cycle = shortestCycle(graph, file)
    if (cycle !== null) {
      cycles.push(cycle)
      const reached = reachable(graph, file)
      for (const other of reached) {
        if (reachable(graph, other).has(file)) {
          done.add(other)
        }
      }
    }
  }
  return cycles
}

/** Breadth first, so the first way back found is a shortest one. */
function shortestCycle(graph: ImportGraph, start: string): string[] | null {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        return [...pathTo(cameFrom, file), start]
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, file)
        queue.push(next)
      }
    }
  }
  return null
}

function pathTo(cameFrom: ReadonlyMap<string, string>, end: string): string[] {
  const path = [end]
  for (let at = cameFrom.get(end); at !== undefined; at = cameFrom.get(at)) {
    path.unshift(at)
  }
  return path
}

function reachable(graph: ImportGraph, start: string): Set<string> {
  const reached = new Set<string>()
  const queue = [start]
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (!reached.has(next)) {
        reached.add(next)
        queue.push(next)
      }
    }
  }
  return reached
}
