/** Waits before attempts, ms: each twice the last, up to the longest. */
const FIRST_MS = 1_000
const LONGEST_MS = 15_000

/**
 * How long to wait before an attempt; up to a quarter less, so that many consoles do not come back at the same moment.
 * @param failures attempts that failed in a row, from 1
 * @param random from 0 to 1
 */
export function backOffMs(failures: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10))
  return Math.round(whole * (1 - 0.25 * random))
}
