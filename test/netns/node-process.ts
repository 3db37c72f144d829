import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Scope } from '../support/server.ts'
import type { NetworkNode } from './network-lab.ts'

/**
 * A program of the test on a machine of the lab, which is talked to with messages: it answers each, and says `{}` when it is ready.
 * It ends when whoever started it does.
 */
export class NodeProcess<Question, Answer> {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
  }

  /**
   * Starts it; it is ended after the test.
   * @param script its file's name, beside this one
   * @param options its first argument, as JSON
   */
  static async start<Question, Answer>(
    scope: Scope,
    node: NetworkNode,
    script: string,
    options: unknown,
  ): Promise<NodeProcess<Question, Answer>> {
    const [enter = '', ...before] = node.enter([execPath])
    const file = fileURLToPath(new URL(script, import.meta.url))
    const child = fork(file, [JSON.stringify(options)], { execPath: enter, execArgv: before })
    const started = new NodeProcess<Question, Answer>(child)
    scope.onTestFinished(() => started.kill())
    await started.#answer()
    return started
  }

  /** Asks it something. */
  async ask(question: Question): Promise<Answer> {
    const answer = this.#answer()
    this.#child.send(question as object)
    return (await answer) as Answer
  }

  /** Ends it as if the power had failed it; the system still closes its connections. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async #answer(): Promise<unknown> {
    const [answer] = await Promise.race([once(this.#child, 'message'), this.#end()])
    return answer
  }

  async #end(): Promise<never> {
    await this.#exited
    throw new Error('a process of the lab has ended')
  }
}
