import process from 'node:process'
import { setImmediate as immediate } from 'node:timers/promises'
import { EXIT_INTERRUPTED } from '../exit-codes.ts'
import { Presses } from '../interruption.ts'

/** Signals that are for the server. By default each would end the process, or start the debugger. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1'] as const

/** One of them. */
export type ServerSignal = (typeof SIGNALS)[number]

/** Those that end the server. */
const ENDING: ReadonlySet<ServerSignal> = new Set<ServerSignal>(['SIGINT', 'SIGTERM', 'SIGQUIT'])

/**
 * Resolves once the event loop has looked for what has come: a signal that has, while modules were loaded, is told only then, and to nobody
 * if its listener has gone. The second immediate is sure to have had that before it.
 */
async function untilPolled(): Promise<void> {
  await immediate()
  await immediate()
}

/**
 * Keeps signals that come while the process starts, until there is somebody to act on them. Without this, one that asks for a reload would
 * end the server, and in a container, where the process is the first, one that asks for the end would be lost.
 */
export class HeldSignals {
  readonly #holders = new Map<ServerSignal, () => void>()
  readonly #held = new Set<ServerSignal>()
  readonly #presses = new Presses()

  /** Begins to keep them. */
  constructor() {
    for (const signal of SIGNALS) {
      const hold = (): void => this.#hold(signal)
      this.#holders.set(signal, hold)
      process.on(signal, hold)
    }
  }

  /** Gives a signal to who acts on it: at once, if it has come, and from now on. */
  handTo(signal: ServerSignal, listener: () => void): void {
    process.on(signal, listener)
    this.#letGo(signal)
    if (this.#held.delete(signal)) {
      listener()
    }
  }

  /**
   * Has a signal do from now on what it does by default: end the process. Without a listener one that has come, and is not told yet, would
   * be lost.
   */
  abandon(signal: ServerSignal): void {
    const die = (): void => {
      process.off(signal, die)
      process.kill(process.pid, signal)
    }
    this.handTo(signal, die)
  }

  /** Has all of them do what they do by default, those that have come at once: what runs is not the server. */
  async release(): Promise<void> {
    await untilPolled()
    for (const signal of [...this.#holders.keys()]) {
      this.#letGo(signal)
      if (this.#held.delete(signal)) {
        process.kill(process.pid, signal)
      }
    }
  }

  #letGo(signal: ServerSignal): void {
    const hold = this.#holders.get(signal)
    if (hold !== undefined) {
      this.#holders.delete(signal)
      process.off(signal, hold)
    }
  }

  #hold(signal: ServerSignal): void {
    if (ENDING.has(signal) && this.#presses.next() === 'again') {
      process.exit(EXIT_INTERRUPTED)
    }
    this.#held.add(signal)
  }
}
