import process from 'node:process'
import { EXIT_INTERRUPTED } from './exit-codes.ts'

/**
 * One press of Ctrl-C may come as two signals: from the terminal, and from npm, which passes on to a program what the program got as
 * well. On a busy machine npm takes its time. ms
 */
export const SAME_PRESS_MS = 1000

/** Tells a second press of Ctrl-C from another signal of the first one. */
export class Presses {
  readonly #samePressMs: number
  #state: 'none' | 'first' | 'over' = 'none'

  /** @param samePressMs how long a signal belongs to the first one */
  constructor(samePressMs: number = SAME_PRESS_MS) {
    this.#samePressMs = samePressMs
  }

  /** To be called for each signal. @returns whether it is the first, belongs to the first, or comes from somebody who wants no more of it */
  next(): 'first' | 'same' | 'again' {
    if (this.#state !== 'none') {
      return this.#state === 'over' ? 'again' : 'same'
    }
    this.#state = 'first'
    const timer = setTimeout(() => {
      // What came while the event loop was busy is told only behind this timer, though it was in time: an immediate comes after it.
      setImmediate(() => {
        this.#state = 'over'
      })
    }, this.#samePressMs)
    timer.unref()
    return 'first'
  }
}

/**
 * Does something that Ctrl-C (or SIGTERM) ends in an orderly way. The second one ends the process at once.
 * @param work gets a signal that aborts at the first
 */
export async function untilInterrupted<T>(work: (interruption: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController()
  const presses = new Presses()
  const onSignal = (): void => {
    const press = presses.next()
    if (press === 'first') {
      interruption.abort()
    } else if (press === 'again') {
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
