import process from 'node:process'
import { EXIT_INTERRUPTED } from './exit-codes.ts'

/**
 * Does something that Ctrl-C (or SIGTERM) ends in an orderly way. The second one ends the process at once.
 * @param work gets a signal that aborts at the first
 */
export async function untilInterrupted<T>(work: (interruption: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController()
  const onSignal = (): void => {
    if (interruption.signal.aborted) {
      process.exit(EXIT_INTERRUPTED)
    }
    interruption.abort()
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
