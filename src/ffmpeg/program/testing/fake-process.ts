import type { ProgramCommand } from '../command.ts'
import type { ProcessEnd, ProcessListener, RunningProcess, StartProcess } from '../program-process.ts'

/** A process that does what a test says. */
export class FakeProcess implements RunningProcess {
  readonly pid: number
  readonly command: ProgramCommand
  readonly ended: Promise<ProcessEnd>
  hasExited = false
  /** Was it asked to end? It ends at once then. */
  isStopped = false
  readonly #listener: ProcessListener
  readonly #end = Promise.withResolvers<ProcessEnd>()

  constructor(pid: number, command: ProgramCommand, listener: ProcessListener) {
    this.pid = pid
    this.command = command
    this.#listener = listener
    this.ended = this.#end.promise
  }

  /** It writes a line. */
  write(line: string): void {
    this.#listener.onOutput(Buffer.from(`${line}\n`))
  }

  /** FFmpeg tells how far it is. */
  progress(frames: number): void {
    const report = `frame=${frames}\nout_time_us=${frames * 40_000}\nprogress=continue\n`
    this.#listener.onProgress?.(Buffer.from(report))
  }

  /** It ends by itself. */
  end(code: number): void {
    this.hasExited = true
    this.#end.resolve({ code, signal: null })
  }

  stop(): void {
    this.isStopped = true
    this.hasExited = true
    this.#end.resolve({ code: null, signal: 'SIGTERM' })
  }
}

/** Starts processes that only pretend. */
export class FakeProcesses {
  /** All that were started. */
  readonly started: FakeProcess[] = []
  /** What the next starts fail with. */
  failure: Error | null = null

  /** The port that programs start processes by. */
  readonly start: StartProcess = async (command, listener) => {
    if (this.failure !== null) {
      throw this.failure
    }
    const made = new FakeProcess(1_000_000 + this.started.length, command, listener)
    listener.onStart(made.pid)
    this.started.push(made)
    return made
  }

  /** The newest one. */
  get last(): FakeProcess {
    const last = this.started.at(-1)
    if (last === undefined) {
      throw new Error('nothing was started')
    }
    return last
  }
}
