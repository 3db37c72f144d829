import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Scope } from './server.ts'
import { waitFor } from './wait.ts'

/** The repository's root folder, with a slash at its end. */
export const REPOSITORY: string = fileURLToPath(new URL('../../', import.meta.url))

/** How a program ended. */
export type ProgramExit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>

/** How a program is started. */
export type ProgramOptions = Readonly<{
  /** Default: the repository. */
  cwd?: string
  /** Added to this process's own. */
  env?: Readonly<Record<string, string>>
}>

/** A program that runs in a process group of its own, as one that is started at a terminal does. */
export class Program {
  /** Resolves when it has ended and its outputs are read; rejects if it could not be started. */
  readonly exited: Promise<ProgramExit>
  readonly #command: readonly string[]
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''
  #ended = false

  /** Use `startProgram`. */
  constructor(command: readonly string[], { cwd = REPOSITORY, env = {} }: ProgramOptions) {
    this.#command = command
    const [file = '', ...args] = command
    this.#child = spawn(file, args, {
      cwd,
      // Node 24, and what npm installed, before what the machine has; no colours, whatever runs the tests.
      env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1', PATH: searchPath(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', (error) => {
        this.#ended = true
        reject(error)
      })
      this.#child.once('close', (code, signal) => {
        this.#ended = true
        resolve({ code, signal })
      })
    })
    // Who waits for it gets the rejection; that nobody waits is no fault.
    this.exited.catch(() => {})
  }

  /** What it wrote to standard output so far. */
  get stdout(): string {
    return this.#stdout
  }

  /** What it wrote to standard error so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** Both outputs, for an error's message and for looking at them together. */
  get output(): string {
    return `${this.#stdout}${this.#stderr}`
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#ended
  }

  /** Its process id. */
  get pid(): number {
    if (this.#child.pid === undefined) {
      throw new Error(`${this.#command[0]} was not started`)
    }
    return this.#child.pid
  }

  /** Sends a signal to this very process. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** What Ctrl-C does at a terminal: SIGINT to the program and to whatever it started. */
  pressControlC(): void {
    process.kill(-this.pid, 'SIGINT')
  }

  /**
   * Waits for output that matches, on either channel.
   * @throws Error, with the output so far, if the program ends first or takes too long
   */
  async waitForOutput(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    const progress = (): string => `${this.#command.join(' ')} prints ${pattern}; it printed:\n${this.output}`
    return await waitFor(
      progress,
      () => {
        const match = pattern.exec(this.output)
        if (match === null && this.#ended) {
          throw new Error(`it ended before: ${progress()}`)
        }
        return match
      },
      timeoutMs,
    )
  }

  /** Ends it and whatever it started, however they are, and waits for that. */
  async end(): Promise<void> {
    if (!this.#ended) {
      killGroup(this.pid)
    }
    await this.exited.catch(() => {})
  }
}

/** Kills a program and whatever it started, if there is still something. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It may have ended, which is told a moment later.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error
    }
  }
}

/** Starts a program; it is ended after the test. */
export function startProgram(
  scope: Scope,
  command: readonly string[],
  options: ProgramOptions = {},
): Program {
  const program = new Program(command, options)
  scope.onTestFinished(() => program.end())
  return program
}

/** Runs a program to its end. */
export async function runProgram(
  scope: Scope,
  command: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramExit & Readonly<{ stdout: string; stderr: string }>> {
  const program = startProgram(scope, command, options)
  const exit = await program.exited
  return { ...exit, stdout: program.stdout, stderr: program.stderr }
}

/** A file of the built package. */
export function built(path: string): string {
  const file = join(REPOSITORY, 'dist', path)
  if (!existsSync(file)) {
    throw new Error(`dist/${path} is not there: npm run build`)
  }
  return file
}

function searchPath(): string {
  return [dirname(execPath), join(REPOSITORY, 'node_modules', '.bin'), process.env.PATH].join(':')
}
