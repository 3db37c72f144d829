import process from 'node:process'
import { EXIT_INTERRUPTED } from './exit-codes.ts'

/**
 * One press of Ctrl-C may come as two signals, ms apart: from the terminal and from npm, which passes on to a program what the program
 * got as well.
 */
export const SAME_PRESS_MS = 300

/**
 * Does something that Ctrl-C (or SIGTERM) ends in an orderly way. The second one ends the process at once.
 * @param work gets a signal that aborts at the first
 */
export async function untilInterrupted<T>(work: (interruption: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController()
  let since = 0
  const onSignal = (): void => {
    if (!interruption.signal.aborted) {
      since = performance.now()
      interruption.abort()
    } else if (performance.now() - since >= SAME_PRESS_MS) {
      process.exit(EXIT_INTERRUPTED)
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    return await work(interruption.signal)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
