import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type LoadSnapshot, mergeSnapshots } from '../../src/load/counters.ts'
import type { LoadPart } from '../../src/load/load-worker.ts'
import type { LoadOptions } from '../../src/load/options.ts'
import { Child } from './child.ts'

/** What one process of a load is told. */
export type LoadPartOptions = Omit<LoadOptions, 'signal' | 'durationSeconds' | 'processes'> &
  Readonly<{ part: LoadPart }>

/** What a process of a load is asked; it answers with what it counted. */
export type LoadQuestion = 'snapshot' | 'forget gaps'

const MAIN = fileURLToPath(new URL('./load-main.ts', import.meta.url))
/** How often it is asked whether everybody has joined, ms. */
const JOIN_POLL_MS = 100
/** Who has no answer after so long has none, ms. */
const JOIN_TIMEOUT_MS = 60_000

/**
 * Publishers or players in processes of their own. Unlike `srs load`, which counts from the moment when all have joined, it
 * tells what it counted at any moment, so that a window can be cut out.
 */
export class LoadChildren {
  readonly #children: readonly Child[]
  readonly #expected: number

  private constructor(children: readonly Child[], expected: number) {
    this.#children = children
    this.#expected = expected
  }

  /**
   * Starts them; they begin to connect at once.
   * @param processes what the load is split over
   */
  static start(name: string, options: Omit<LoadPartOptions, 'part'>, processes = 1): LoadChildren {
    const children = Array.from({ length: processes }, (_none, index) => {
      const whole: LoadPartOptions = { ...options, part: { index, processes } }
      return Child.fork(name, MAIN, [JSON.stringify(whole)])
    })
    return new LoadChildren(children, (options.players ?? 0) + (options.publishers ?? 0))
  }

  /** Its processes. */
  get pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid)
  }

  /**
   * What was counted up to now.
   * @throws Error if one of them has ended
   */
  snapshot(): Promise<LoadSnapshot> {
    return this.#ask('snapshot')
  }

  /**
   * From now on its largest gaps are those of what comes next.
   * @throws Error if one of them has ended
   */
  async forgetGaps(): Promise<void> {
    await this.#ask('forget gaps')
  }

  /** Resolves when everybody has an answer from the server, whatever it is, or waited too long. */
  async joined(): Promise<void> {
    const deadline = performance.now() + JOIN_TIMEOUT_MS
    while (answered(await this.snapshot()) < this.#expected && performance.now() < deadline) {
      await sleep(JOIN_POLL_MS)
    }
  }

  /** Ends them; resolves when they are gone. */
  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()))
  }

  async #ask(question: LoadQuestion): Promise<LoadSnapshot> {
    return mergeSnapshots(await Promise.all(this.#children.map((child) => child.ask<LoadSnapshot>(question))))
  }
}

function answered({ counts }: LoadSnapshot): number {
  return counts.playersAccepted + counts.playersRefused + counts.publishersAccepted + counts.publishersRefused
}
