import { setTimeout as delay } from 'node:timers/promises'

/** How often a condition is looked at, ms. */
const POLL_INTERVAL_MS = 20

/** How long `waitFor` waits unless told otherwise, ms. A bound for what hangs, not a measure of anything. */
export const DEFAULT_WAIT_MS = 100_000

/** What waits for nothing more: `waitFor` returns what is not one of these. */
type NotYet = false | null | undefined

/**
 * Looks at a condition until it holds, and returns what it then gave.
 * @param what the condition in words, for the error; a function can say how far it came
 * @param probe gives false, null or undefined while it does not hold; what it throws ends the wait
 * @throws Error if it did not hold within `timeoutMs`
 */
export async function waitFor<T>(
  what: string | (() => string),
  probe: () => T | Promise<T>,
  timeoutMs: number = DEFAULT_WAIT_MS,
): Promise<Exclude<T, NotYet>> {
  const start = performance.now()
  for (;;) {
    const value = await probe()
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, NotYet>
    }
    if (performance.now() - start > timeoutMs) {
      throw new Error(`not within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}`)
    }
    await delay(POLL_INTERVAL_MS)
  }
}
