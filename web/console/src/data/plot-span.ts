/** How far plots look back, ms: at first a minute, so that there is something to see, in the end ten. */
const SPANS_MS: readonly number[] = [60_000, 120_000, 300_000, 600_000]

/** The longest time that a plot looks back, ms. */
const MAX_PLOT_SPAN_MS = 600_000

/**
 * How far a plot looks back, ms.
 * @param times of its readings, in seconds since the Unix epoch, oldest first
 */
export function plotSpanMs(times: ArrayLike<number>, now: number): number {
  const age = times.length === 0 ? 0 : now - (times[0] ?? 0) * 1000
  return SPANS_MS.find((span) => age <= span) ?? MAX_PLOT_SPAN_MS
}
