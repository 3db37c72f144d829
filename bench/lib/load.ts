import { fileURLToPath } from 'node:url'
import { Histogram, type HistogramData, type LoadOptions, type LoadSnapshot } from '../../src/load/index.ts'
import { Child } from './child.ts'

const MAIN = fileURLToPath(new URL('./load-main.ts', import.meta.url))

/** Publishers or players in processes of their own, which are there until they are stopped. */
export class LoadChild {
  readonly #child: Child
  #latest: LoadSnapshot | null = null

  private constructor(child: Child) {
    this.#child = child
    child.process.on('message', (snapshot: LoadSnapshot) => {
      this.#latest = snapshot
    })
  }

  /** Starts them. They connect as fast as `rampSeconds` says. */
  static start(name: string, options: Omit<LoadOptions, 'signal' | 'durationSeconds'>): LoadChild {
    return new LoadChild(Child.fork(name, MAIN, [JSON.stringify(options)]))
  }

  /** Its process; the processes it splits itself into are that one's children. */
  get pid(): number {
    return this.#child.pid
  }

  /** What was counted up to the last time it told. */
  get latest(): LoadSnapshot | null {
    return this.#latest
  }

  /**
   * Waits until it tells again, which it does once a second: what was counted until now.
   * @throws Error if it ends
   */
  async next(): Promise<LoadSnapshot> {
    return await this.#child.message<LoadSnapshot>()
  }

  /** Ends it; resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#child.stop()
  }
}

/** Whether everybody has an answer from the server, whatever it is. */
export function hasJoined({ counts }: LoadSnapshot, { players, publishers }: LoadSize): boolean {
  const playersAnswered = counts.playersAccepted + counts.playersRefused
  const publishersAnswered = counts.publishersAccepted + counts.publishersRefused
  return playersAnswered >= players && publishersAnswered >= publishers
}

/** How many there are to join. */
export type LoadSize = Readonly<{ players: number; publishers: number }>

/** The values that came between two states of a histogram. */
export function between(from: HistogramData, to: HistogramData): Histogram {
  return new Histogram(to).since(from)
}
