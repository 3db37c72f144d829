import type { Via } from './route.ts'

/** How long a player may bring nothing: at first, between two movements, and once the publisher is back. */
export const PATIENCE_MS: Readonly<Record<Via, { start: number; stall: number; comeback: number }>> = {
  flv: { start: 12_000, stall: 6_000, comeback: 3_000 },
  ws: { start: 12_000, stall: 6_000, comeback: 3_000 },
  hls: { start: 20_000, stall: 12_000, comeback: 8_000 },
}

/** A standstill with media ahead of the playhead is a hole in the timeline; it is jumped after this long. */
export const HOLE_MS = 2_500
/** So much media ahead, in seconds, is no standstill for want of it. */
export const HOLE_SECONDS = 0.5
/** Loading goes on for this long while paused, so that a short pause costs nothing. */
export const PAUSED_LOADING_MS = 15_000
