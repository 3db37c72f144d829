import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ClosedError } from '../base/index.ts'
import type { LoadSnapshot } from './counters.ts'
import type { LoadPart, LoadWorker } from './load-worker.ts'
import type { LoadPlan } from './options.ts'

/** What a worker process is asked; each is answered once it is done. */
export type WorkerRequest =
  | Readonly<{ ask: 'begin'; plan: LoadPlan; part: LoadPart }>
  | Readonly<{ ask: 'publish' | 'play' | 'end' }>

/** What a worker process says: that it did what it was asked, and once a second how far it is. */
export type WorkerReply =
  | Readonly<{ done: WorkerRequest['ask']; snapshot: LoadSnapshot }>
  | Readonly<{ done: null; snapshot: LoadSnapshot }>
  | Readonly<{ failed: string }>

/** One part of a load, made in a process of its own. */
export class WorkerProcess implements LoadWorker {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  readonly #waiting = new Map<WorkerRequest['ask'], PromiseWithResolvers<LoadSnapshot>>()
  #snapshot: LoadSnapshot
  #failure: Error | null = null

  private constructor(child: ChildProcess, nothing: LoadSnapshot) {
    this.#child = child
    this.#snapshot = nothing
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    child.on('message', (reply: WorkerReply) => this.#onReply(reply))
    child.once('error', (error) => this.#fail(error))
    child.once('exit', (code, signal) =>
      this.#fail(new ClosedError(`a load process ended with ${code ?? signal}`)),
    )
  }

  /**
   * Starts the process.
   * @param nothing what its snapshot is until it says something
   * @throws Error if it can't be started or does not take the plan
   */
  static async start(plan: LoadPlan, part: LoadPart, nothing: LoadSnapshot): Promise<WorkerProcess> {
    const here = import.meta.url
    const script = new URL(here.endsWith('.ts') ? './worker.ts' : './worker.js', here)
    const child = fork(fileURLToPath(script), { execArgv: [] })
    const worker = new WorkerProcess(child, nothing)
    try {
      await worker.#ask({ ask: 'begin', plan, part })
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
    return worker
  }

  async publish(): Promise<void> {
    await this.#ask({ ask: 'publish' })
  }

  async play(): Promise<void> {
    await this.#ask({ ask: 'play' })
  }

  snapshot(): LoadSnapshot {
    return this.#snapshot
  }

  async end(): Promise<LoadSnapshot> {
    const snapshot = await this.#ask({ ask: 'end' })
    await this.#exited
    return snapshot
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  #ask(request: WorkerRequest): Promise<LoadSnapshot> {
    if (this.#failure !== null) {
      return Promise.reject(this.#failure)
    }
    const answer = Promise.withResolvers<LoadSnapshot>()
    this.#waiting.set(request.ask, answer)
    this.#child.send(request)
    return answer.promise
  }

  #onReply(reply: WorkerReply): void {
    if ('failed' in reply) {
      this.#fail(new Error(reply.failed))
      return
    }
    this.#snapshot = reply.snapshot
    if (reply.done !== null) {
      this.#waiting.get(reply.done)?.resolve(reply.snapshot)
      this.#waiting.delete(reply.done)
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.values()) {
      reject(this.#failure)
    }
    this.#waiting.clear()
  }
}
