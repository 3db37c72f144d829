import type { Clock } from '../../base/index.ts'
import type { ProgramCommand } from './command.ts'
import { FfmpegProgressReader } from './ffmpeg-progress.ts'
import { hideSecrets } from './hide-secrets.ts'
import { LogTail } from './log-tail.ts'
import type { ProgramOptions } from './options.ts'
import type { ProcessEnd, ProcessListener, RunningProcess, StartProcess } from './program-process.ts'
import { StallWatch } from './stall-watch.ts'
import type { FfmpegProgress } from './status.ts'
import type { ProgramTask } from './supervisor.ts'

/** What a run is made with. */
export type ProgramRunSetup = Readonly<{
  /** Of which program. */
  task: ProgramTask
  /** What is started. */
  command: ProgramCommand
  /** How it is run. */
  options: ProgramOptions
  /** Takes what it writes. The bytes are the receiver's. */
  onOutput: (bytes: Uint8Array) => void
  /** Told as soon as it is there. */
  onStart: (pid: number) => void
  /** Measures how long it stands still. */
  clock: Clock
  /** Told once, when it makes progress; at once of what tells no progress. */
  onWork: () => void
}>

/** How a run has ended. */
export type RunEnd = Readonly<{
  /** Has it worked, and ended by itself with status 0? */
  isSuccess: boolean
  /** Was it ended because it stood still? */
  isStall: boolean
  /** e.g. 'it ended with status 1', or 'it made nothing for 15 s'. */
  reason: string
  /** What it wrote last, without secrets. */
  lines: readonly string[]
  /** That of them which tells most; null if it wrote nothing. */
  tellingLine: string | null
}>

/** One process of a program: what it writes is kept, what it tells is read. */
export class ProgramRun {
  readonly #setup: ProgramRunSetup
  readonly #tail: LogTail
  readonly #watch: StallWatch
  #process: RunningProcess | null = null
  #progress: FfmpegProgress | null = null
  #works = false
  #stalled: string | null = null
  #isStopped = false

  /** Nothing is started yet. */
  constructor(setup: ProgramRunSetup) {
    this.#setup = setup
    this.#tail = new LogTail(setup.task.secrets)
    this.#watch = new StallWatch(setup.clock)
  }

  /**
   * Starts it. Resolves when it, and all that it started, are gone.
   * @throws Error of the system if it can't be started
   */
  async execute(start: StartProcess): Promise<RunEnd> {
    const { task, command, options, onStart, onOutput } = this.#setup
    const reader = new FfmpegProgressReader((progress) => this.#take(progress))
    const listener: ProcessListener = {
      onStart,
      onOutput: (bytes) => {
        this.#tail.push(bytes)
        onOutput(bytes)
      },
      ...(task.isFfmpeg ? { onProgress: (bytes) => reader.push(bytes) } : {}),
    }
    this.#process = await start(command, listener, options.stopTimeoutMs)
    if (this.#isStopped) {
      this.#process.stop()
    }
    if (!task.isFfmpeg) {
      this.#work()
    }
    return this.#describe(await this.#process.ended)
  }

  /** The number of its process; null while there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null
  }

  /** What it last said of its work; null if it said nothing yet. */
  get progress(): FfmpegProgress | null {
    return this.#progress
  }

  /** Ends it if it has stood still for too long. To be called about each `WATCH_INTERVAL_MS`. */
  look(): void {
    const { task, options } = this.#setup
    if (this.#process === null || this.#process.hasExited) {
      return
    }
    const { stallTimeoutMs } = options
    const stillMs = this.#watch.look(task.isExpectedToWork?.() ?? true)
    if (task.isFfmpeg && stallTimeoutMs > 0 && stillMs >= stallTimeoutMs && this.#stalled === null) {
      this.#stalled = `it made nothing for ${Math.round(stillMs / 1000)} s`
      this.stop()
    }
  }

  /** Asks it to end, and kills it after a while. Idempotent. */
  stop(): void {
    this.#isStopped = true
    this.#process?.stop()
  }

  #take(progress: FfmpegProgress): void {
    this.#progress = progress
    if (this.#watch.advance(progress)) {
      this.#work()
    }
  }

  #work(): void {
    if (!this.#works) {
      this.#works = true
      this.#setup.onWork()
    }
  }

  #describe({ code, signal }: ProcessEnd): RunEnd {
    const { lines, tellingLine } = this.#tail
    const isStall = this.#stalled !== null
    return {
      isSuccess: code === 0 && this.#works && !isStall,
      isStall,
      reason: this.#stalled ?? describeEnd({ code, signal }, this.#works),
      lines,
      tellingLine,
    }
  }
}

/** What the log of a program says of its start: how it is called, without secrets. */
export function describeStart({ file, args }: ProgramCommand, secrets: readonly string[]): string {
  return [file, ...args].map((part) => hideSecrets(quote(part), secrets)).join(' ')
}

/** As a shell would need it, so that it can be tried by hand. */
function quote(part: string): string {
  return /^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`
}

function describeEnd({ code, signal }: ProcessEnd, works: boolean): string {
  if (signal !== null) {
    return `it was ended by ${signal}`
  }
  if (code === null) {
    return 'it can not be killed'
  }
  return `it ended with status ${code}${works ? '' : ', and had made nothing'}`
}
