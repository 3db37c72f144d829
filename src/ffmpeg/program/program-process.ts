import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProgramCommand } from './command.ts'

/** How often it is looked whether a process group is still there, ms: the system does not tell. */
const GROUP_POLL_MS = 50

/** How long is waited for what can't be killed, as it waits for a disk or a network file system, ms. */
const KILL_PATIENCE_MS = 3000

/** The same for what an ended process has started, ms: what is left then waits only for somebody who asks how it ended. */
const ORPHAN_PATIENCE_MS = 200

/** How long is waited for the last of what an ended program wrote, ms: somebody else may hold its outputs open. */
const OUTPUT_PATIENCE_MS = 500

/** Of files with what a program writes: as of its log. */
const OUTPUT_MODE = 0o640

/** How a process ended: one of both. */
export type ProcessEnd = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>

/** What is told of a process. The bytes are the receiver's. */
export type ProcessListener = Readonly<{
  /** It is there; told before anything else can happen. */
  onStart: (pid: number) => void
  /** It wrote to its standard output or its standard error. */
  onOutput: (bytes: Uint8Array) => void
  /** It wrote to its descriptor 3; left out for a process that has none. */
  onProgress?: (bytes: Uint8Array) => void
}>

/** A process that runs. */
export interface RunningProcess {
  /** Its number, and that of its process group. */
  readonly pid: number
  /** Has it ended itself? What it started may be there still. */
  readonly hasExited: boolean
  /** Resolves when it, and all that it started, are gone, and what they wrote is read. */
  readonly ended: Promise<ProcessEnd>
  /** Asks it to end, and kills it after a while. Idempotent. */
  stop(): void
}

/**
 * Starts a process.
 * @param stopTimeoutMs how long it has to end when it is asked to
 * @throws Error of the system if there is no such program, it can't be run, or one of its files or folders can't be written
 */
export type StartProcess = (
  command: ProgramCommand,
  listener: ProcessListener,
  stopTimeoutMs: number,
) => Promise<RunningProcess>

/** Starts a process in a process group of its own, without a shell. It reads nothing, and what it writes is always taken. */
export const startProcess: StartProcess = async (command, listener, stopTimeoutMs) => {
  const files: FileHandle[] = []
  const fileOr = async (path: string | undefined): Promise<number | 'pipe'> => {
    if (path === undefined) {
      return 'pipe'
    }
    const file = await openOutput(path)
    files.push(file)
    return file.fd
  }
  try {
    if (command.folder !== undefined) {
      await mkdir(command.folder, { recursive: true })
    }
    const output = await fileOr(command.standardOutput)
    const errors = await fileOr(command.standardError)
    const child = spawn(command.file, command.args, {
      detached: true,
      env: { ...ownEnvironment(), AV_LOG_FORCE_NOCOLOR: '1', ...command.environment },
      stdio: ['ignore', output, errors, ...(listener.onProgress === undefined ? [] : ['pipe' as const])],
    })
    if (child.pid === undefined) {
      const [error] = await once(child, 'error')
      throw error
    }
    listener.onStart(child.pid)
    return new ProgramProcess(child, child.pid, listener, stopTimeoutMs)
  } finally {
    await Promise.allSettled(files.map((file) => file.close()))
  }
}

/** Our environment but for what configures this server, such as SRS_HTTP_API_AUTH_PASSWORD: that is nobody else's. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^SRS_/i.test(name)))
}

/**
 * A file that is appended to, as by SRS: several streams may share one, and a program that is started again must not lose what it wrote. Who
 * waits for a reader of a named pipe would wait for ever: there must be one already.
 */
async function openOutput(path: string): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants
  await mkdir(dirname(path), { recursive: true })
  return await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, OUTPUT_MODE)
}

class ProgramProcess implements RunningProcess {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  readonly #child: ChildProcess
  readonly #stopTimeoutMs: number
  readonly #exit = Promise.withResolvers<ProcessEnd>()
  #stopping: Promise<void> | null = null
  #hasExited = false

  constructor(child: ChildProcess, pid: number, listener: ProcessListener, stopTimeoutMs: number) {
    this.pid = pid
    this.#child = child
    this.#stopTimeoutMs = stopTimeoutMs
    child.once('exit', (code, signal) => {
      this.#hasExited = true
      this.#exit.resolve({ code, signal })
    })
    const outputs = [
      readAll(child.stdout, listener.onOutput),
      readAll(child.stderr, listener.onOutput),
      readAll(child.stdio[3], listener.onProgress),
    ]
    this.ended = this.#end(Promise.all(outputs))
  }

  get hasExited(): boolean {
    return this.#hasExited
  }

  stop(): void {
    this.#stopping ??= this.#stop()
  }

  /** What it has started may be there still when it has ended itself. */
  async #end(outputs: Promise<unknown>): Promise<ProcessEnd> {
    const end = await this.#exit.promise
    this.stop()
    await this.#stopping
    const patience = new AbortController()
    const enough = delay(OUTPUT_PATIENCE_MS, null, { signal: patience.signal })
    await Promise.race([outputs, enough])
    enough.catch(() => {})
    patience.abort()
    for (const output of this.#child.stdio) {
      output?.destroy()
    }
    return end
  }

  async #stop(): Promise<void> {
    if (this.#signal('SIGTERM') && !(await this.#isGoneWithin(this.#stopTimeoutMs))) {
      this.#signal('SIGKILL')
      await this.#isGoneWithin(this.#hasExited ? ORPHAN_PATIENCE_MS : KILL_PATIENCE_MS)
    }
    // Nobody waits for ever for one that can't be killed.
    this.#exit.resolve({ code: null, signal: null })
  }

  async #isGoneWithin(timeoutMs: number): Promise<boolean> {
    for (const until = performance.now() + timeoutMs; performance.now() < until; ) {
      await delay(GROUP_POLL_MS)
      if (!this.#signal(0)) {
        return true
      }
    }
    return false
  }

  /** Sends a signal to all of its group. Returns whether there was somebody who could be sent it. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.pid, signal)
    } catch {
      return false
    }
  }
}

/** Resolves when nothing more can come. */
async function readAll(
  output: Readable | Writable | null | undefined,
  take: ((bytes: Uint8Array) => void) | undefined,
): Promise<void> {
  if (output !== null && output !== undefined && take !== undefined) {
    // That nothing can be read is the same as that nothing more comes.
    output.on('error', () => {})
    output.on('data', take)
    await new Promise<void>((resolve) => output.once('close', resolve))
  }
}
