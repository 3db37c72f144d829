import { fileURLToPath } from 'node:url'
import { Child } from './child.ts'

/** What the process is asked; it answers with what it got since it was last asked. */
export type ApiPollerQuestion = 'begin' | 'end' | 'tell'

/** What a server answered. */
export type ApiPolls = {
  /** Rounds of questions that are answered whole. */
  rounds: number
  /** Bytes of answers and events. */
  bytes: number
  /** The longest that a round took, ms. */
  slowestMs: number
}

const MAIN = fileURLToPath(new URL('./api-poller-main.ts', import.meta.url))

/** Who polls the API, in a process of its own: what it costs to read answers is no cost of the server or the load. */
export class ApiPoller {
  readonly #child: Child

  /** Starts it; it asks nothing yet. @param url `http://host:port` of the API */
  constructor(url: string) {
    this.#child = Child.fork('API poller', MAIN, [url])
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid
  }

  /**
   * Polls from now on.
   * @throws Error if it has ended
   */
  async begin(): Promise<void> {
    await this.#ask('begin')
  }

  /**
   * Polls no more; resolves when nothing is asked any longer.
   * @throws Error if an answer was none
   */
  async end(): Promise<void> {
    await this.#ask('end')
  }

  /**
   * What it got since it was last asked anything.
   * @throws Error if an answer was none
   */
  tell(): Promise<ApiPolls> {
    return this.#ask('tell')
  }

  /** Ends it; resolves when it is gone. */
  stop(): Promise<void> {
    return this.#child.stop()
  }

  #ask(question: ApiPollerQuestion): Promise<ApiPolls> {
    return this.#child.ask<ApiPolls>(question)
  }
}
