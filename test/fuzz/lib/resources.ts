import { setTimeout as delay } from 'node:timers/promises'

/** What a process holds. */
export type Resources = Readonly<{
  /** JavaScript heap after a collection, bytes; before one if `--expose-gc` is not given. */
  heapBytes: number
  /** Buffers outside the heap, bytes. */
  bufferBytes: number
  /** Memory of the process, bytes. */
  residentBytes: number
  /** Sockets, listeners, timers and the like that keep the process, by kind. */
  handles: Readonly<Record<string, number>>
}>

/** Looks at what this process holds, after what is over has been given back. */
export async function measureResources(): Promise<Resources> {
  // What was closed is let go of in later turns of the event loop.
  for (let turn = 0; turn < 5; turn++) {
    await delay(20)
    globalThis.gc?.()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    handles[kind] = (handles[kind] ?? 0) + 1
  }
  return { heapBytes: heapUsed, bufferBytes: external, residentBytes: rss, handles }
}

/** One line that says it. */
export function describeResources({ heapBytes, bufferBytes, residentBytes, handles }: Resources): string {
  const held = Object.entries(handles).map(([kind, count]) => `${count} ${kind}`)
  return `heap ${mebibytes(heapBytes)}, buffers ${mebibytes(bufferBytes)}, resident ${mebibytes(residentBytes)}; ${held.join(', ')}`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
