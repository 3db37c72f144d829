import { pathOfStream } from '../route.ts'
import type { StreamInfo } from '../stream-feed.ts'

/** A stream that is gone stays on the wall for so long, in ms, as something may come back: as long as the server keeps its place by default. */
export const GONE_KEPT_MS = 600_000

/** Streams of a server by their path, with when it last spoke of them. */
export type WallMemory = ReadonlyMap<string, number>

/**
 * What is on the wall: streams that were live at some time and that the server has spoken of lately.
 * @param before what was on it
 * @param streams what the server says now
 * @param now in ms, on any one clock
 */
export function remember(before: WallMemory, streams: readonly StreamInfo[], now: number): WallMemory {
  const told = streams
    .filter(({ publish, frames }) => publish.active || frames > 0)
    .map(({ url }) => [pathOfStream(url), now] as const)
  const kept = [...before].filter(([, toldAt]) => now - toldAt < GONE_KEPT_MS)
  return new Map([...kept, ...told])
}

/** Its paths, in an order that does not change when streams come and go. */
export function pathsOf(memory: WallMemory): string[] {
  return [...memory.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
