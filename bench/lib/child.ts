import { type ChildProcess, type ForkOptions, fork, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long a process may take to end after it was asked to, ms. */
const END_GRACE_MS = 5_000
/** Bytes of a process's output kept for the message when it fails. */
const OUTPUT_KEPT_BYTES = 4_096

/** Processes that were started and have not ended. */
const running = new Set<Child>()

/** A process that the bench started, and ends whatever happens. */
export class Child {
  /** The process itself. */
  readonly process: ChildProcess
  readonly #name: string
  readonly #exited: Promise<void>
  #output = ''

  private constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.process = child
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.on('error', (error) => {
        this.#output += `${error.message}\n`
        // A message that it was too late for is an error, too; then it will exit, if it did not yet.
        if (child.pid === undefined) {
          resolve()
        }
      })
    })
    void this.#exited.then(() => running.delete(this))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_KEPT_BYTES)
      })
    }
    running.add(this)
  }

  /**
   * Starts a program. What it prints is kept, the last of it, for messages.
   * @param name what messages call it
   */
  static spawn(name: string, command: string, args: readonly string[], options: SpawnOptions = {}): Child {
    return new Child(name, spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options }))
  }

  /** Starts a Node program that is talked to with messages. */
  static fork(name: string, script: string, args: readonly string[], options: ForkOptions = {}): Child {
    return new Child(name, fork(script, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], ...options }))
  }

  /** Its process id; 0 if it could not be started. */
  get pid(): number {
    return this.process.pid ?? 0
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return !running.has(this)
  }

  /**
   * Sends a message and waits for the next one from the process.
   * @throws Error if the process ends first
   */
  async ask<Answer>(question: unknown): Promise<Answer> {
    const answer = this.message<Answer>()
    this.process.send(question as object)
    return await answer
  }

  /**
   * Waits for the process's next message.
   * @throws Error if it ends first
   */
  async message<Answer>(): Promise<Answer> {
    const waiting = new AbortController()
    try {
      const [answer] = await Promise.race([
        once(this.process, 'message', { signal: waiting.signal }),
        this.#failure(),
      ])
      return answer as Answer
    } finally {
      waiting.abort()
    }
  }

  /**
   * Waits until what it prints has something in it; for the first lines only, as older output is dropped.
   * @returns the first bracketed part of the pattern
   * @throws Error if it ends first
   */
  async outputMatching(pattern: RegExp): Promise<string> {
    const failure = this.#failure()
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match !== null) {
        // It will end some day, and nobody asks then.
        failure.catch(() => {})
        return match[1] ?? ''
      }
      await Promise.race([this.#printed(), failure])
    }
  }

  /** Ends it, at once if it must be; resolves when it is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.ended) {
      return
    }
    this.process.kill('SIGTERM')
    const timer = setTimeout(() => this.process.kill('SIGKILL'), END_GRACE_MS)
    await this.#exited
    clearTimeout(timer)
  }

  /** An error with its name and what it printed. */
  error(what: string): Error {
    return new Error(`${this.#name} ${what}${this.#output === '' ? '' : `:\n${this.#output.trimEnd()}`}`)
  }

  async #printed(): Promise<void> {
    const waiting = new AbortController()
    const streams = [this.process.stdout, this.process.stderr].filter((stream) => stream !== null)
    try {
      await Promise.race(streams.map((stream) => once(stream, 'data', { signal: waiting.signal })))
    } finally {
      waiting.abort()
    }
  }

  async #failure(): Promise<never> {
    await this.#exited
    throw this.error(`ended (${this.process.exitCode ?? this.process.signalCode})`)
  }
}

/** Ends every process that is left; called when the bench itself is asked to end. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()))
}

/** A bench that is interrupted leaves nothing behind. */
export function stopAllOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void stopAll().then(() => process.exit(130))
    })
  }
}
