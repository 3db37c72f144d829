import { type BackoffOptions, type Clock, type Logger, type Ms, toError } from '../../base/index.ts'
import { PlaceTakenError, type ProgramCommand } from './command.ts'
import { FailureRow } from './failure-row.ts'
import type { FfmpegAnswer } from './ffmpeg-finder.ts'
import { hideSecrets } from './hide-secrets.ts'
import type { ProgramOptions } from './options.ts'
import type { ProgramLogs } from './program-logs.ts'
import type { StartProcess } from './program-process.ts'
import { describeStart, ProgramRun, type RunEnd } from './program-run.ts'
import type { ProgramState, ProgramStatus } from './status.ts'
import type { ProgramTask, SupervisedProgram } from './supervisor.ts'

/** How long a program that fails is left alone: 1 s, 2 s, 4 s ... 30 s, for as long as it is wanted; by chance up to a third of that less. */
export const PROGRAM_BACKOFF: BackoffOptions = {
  firstMs: 1000,
  maxMs: 30_000,
  jitter: 1 / 3,
  healthyMs: 10_000,
}

/** What ends without having failed is started at least so long after its last start, ms, as by SRS. */
export const RESTART_INTERVAL_MS = 3000

/** The same of what may finish, such as a file that is played over and over, ms. */
export const REPEAT_INTERVAL_MS = 1000

/** However long it ran: it is started at least so long after its end, ms. */
export const LEAST_REST_MS = 100

/** What FFmpeg is told before all that the task says: to tell its progress in lines, to read no keys, and not how it was built. */
export const SUPERVISED_FFMPEG_ARGS: readonly string[] = [
  '-hide_banner',
  '-nostdin',
  '-nostats',
  '-progress',
  'pipe:3',
]

/** Errors of the system by which a program can't be started, however often it is tried. */
const NO_SUCH_PROGRAM: ReadonlySet<unknown> = new Set(['ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR', 'EISDIR'])

/** Says which FFmpeg is run. */
export type FindFfmpeg = (file: string, encoders: readonly string[]) => Promise<FfmpegAnswer>

/** What a `Program` is made with. */
export type ProgramSetup = Readonly<{
  /** Unique in this process. */
  id: string
  /** What is run. */
  task: ProgramTask
  /** How; asked for each start. */
  options: () => ProgramOptions
  /** Starts a process. */
  start: StartProcess
  /** Says which FFmpeg is run. */
  findFfmpeg: FindFfmpeg
  /** Where what it writes is kept. */
  logs: ProgramLogs
  /** Asked before it is started. @returns why there may not be one more; then `wake` is called when there may */
  claim: (program: Program) => string | null
  /** Told when it is not started again, unless something changes. */
  release: (program: Program) => void
  /** Measures how long it works, and stands still. */
  clock: Clock
  /** Told of starts and ends. */
  logger: Logger
  /** For the jitter of the waits. Default `Math.random`. */
  random?: () => number
}>

/** What comes before the next start. */
type Rest = Readonly<{
  /** What it does meanwhile. */
  state: ProgramState
  /** How long that lasts, ms; null if something must change first. */
  restMs: number | null
}>

/** It can't be started before something changes. */
class UnavailableError extends Error {}

/** One program, from its first start until it is stopped: it is started again when it ends or stands still. */
export class Program implements SupervisedProgram {
  /** Resolves when it was stopped, and nothing is left of it. */
  readonly ended: Promise<void>
  readonly #setup: ProgramSetup
  readonly #logger: Logger
  readonly #row: FailureRow
  #state: ProgramState = 'waiting'
  #since: Ms
  #run: ProgramRun | null = null
  #starts = 0
  #failures = 0
  #stalls = 0
  #lastError: string | null = null
  #logFile: string | null = null
  #wake: (() => void) | null = null

  /** Begins at once. */
  constructor(setup: ProgramSetup) {
    const { id, task, logger, clock } = setup
    const { kind, vhost, stream, name } = task
    this.#setup = setup
    this.#logger = logger.child({ program: id, kind, vhost, stream, name })
    this.#row = new FailureRow(PROGRAM_BACKOFF, clock, setup.random)
    this.#since = clock.wallTime()
    this.ended = this.#keepRunning()
  }

  /** The virtual host of its stream. */
  get vhost(): string {
    return this.#setup.task.vhost
  }

  /** What it does, and has done. */
  get status(): ProgramStatus {
    const { id, task } = this.#setup
    const { kind, vhost, stream, name, output, secrets = [] } = task
    return {
      id,
      kind,
      vhost,
      stream,
      name,
      output: hideSecrets(output, secrets),
      state: this.#state,
      since: this.#since,
      pid: this.#run?.pid ?? null,
      starts: this.#starts,
      failures: this.#failures,
      stalls: this.#stalls,
      lastError: this.#lastError,
      progress: this.#run?.progress ?? null,
      logFile: this.#logFile,
    }
  }

  /** Ends it if it stands still, that it is started anew; sees that it works again. To be called about each `WATCH_INTERVAL_MS`. */
  look(): void {
    this.#run?.look()
    if (this.#row.recover()) {
      this.#logger.info({ failures: this.#failures }, 'program works again')
      this.#set('running')
    }
  }

  /** Starts it now, if it waits. */
  wake(): void {
    this.#wake?.()
  }

  /** Tries at once what could not be started, or is failing: something may have changed. */
  lookAgain(): void {
    if (this.#run === null && (this.#state === 'unavailable' || this.#state === 'failing')) {
      this.#row.forget()
      this.wake()
    }
  }

  /** Stops it for good. Idempotent; resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#set('ended')
    this.#run?.stop()
    this.wake()
    await this.ended
  }

  get #isStopped(): boolean {
    return this.#state === 'ended'
  }

  async #keepRunning(): Promise<void> {
    // Whoever makes this has it before anything is asked of it.
    await null
    while (!this.#isStopped) {
      const full = this.#setup.claim(this)
      if (full !== null) {
        // What fails has left its place itself: what it fails by says more.
        if (!this.#row.hasFailed) {
          this.#lastError = full
          this.#logger.warn({ reason: full }, 'program not started')
        }
        await this.#rest({ state: this.#row.isFailing ? 'failing' : 'waiting', restMs: null })
        continue
      }
      const rest = await this.#attempt()
      // What fails for ever must not keep from its place what would work.
      if (rest.restMs === null || rest.restMs > RESTART_INTERVAL_MS) {
        this.#setup.release(this)
      }
      await this.#rest(rest)
    }
    this.#setup.release(this)
  }

  /** Starts it, and waits for its end. Returns what comes then. */
  async #attempt(): Promise<Rest> {
    const { task, clock } = this.#setup
    const startedAt = clock.now()
    if (!this.#row.isFailing) {
      this.#set('starting')
    }
    try {
      const command = await this.#withFfmpeg(task.command())
      if (this.#isStopped) {
        return { state: 'ended', restMs: null }
      }
      const end = await this.#execute(command)
      return this.#assess(end, clock.now() - startedAt)
    } catch (error) {
      return this.#failToStart(toError(error))
    } finally {
      task.onExit?.()
    }
  }

  async #withFfmpeg(command: ProgramCommand): Promise<ProgramCommand> {
    const { task, findFfmpeg } = this.#setup
    if (!task.isFfmpeg) {
      return command
    }
    const found = await findFfmpeg(command.file, task.encoders)
    if ('problem' in found) {
      throw new UnavailableError(found.problem)
    }
    return { ...command, file: found.path, args: [...SUPERVISED_FFMPEG_ARGS, ...command.args] }
  }

  /** Runs it to its end. */
  async #execute(command: ProgramCommand): Promise<RunEnd> {
    const { id, task, options, logs, start, clock } = this.#setup
    const log = logs.open(task.logName, options())
    this.#logFile = log?.path ?? null
    const call = describeStart(command, task.secrets ?? [])
    log?.write(Buffer.from(`${new Date(clock.wallTime()).toISOString()} ${id} is started: ${call}\n`))
    const run = new ProgramRun({
      task,
      command,
      options: options(),
      onStart: (pid) => {
        this.#starts++
        const level = this.#row.isFailing ? 'debug' : 'info'
        this.#logger[level]({ pid, starts: this.#starts }, 'program started')
      },
      onOutput: (bytes) => log?.write(bytes),
      onWork: () => this.#work(),
      clock,
    })
    this.#run = run
    try {
      return await run.execute(start)
    } finally {
      this.#run = null
      await log?.close()
    }
  }

  #work(): void {
    this.#row.work()
    if (!this.#row.isFailing) {
      this.#set('running')
    }
  }

  /** Says what comes after its end. */
  #assess(end: RunEnd, ranMs: number): Rest {
    const { mayFinish = false } = this.#setup.task
    if (this.#isStopped) {
      this.#logger.info({ reason: end.reason }, 'program stopped')
      return { state: 'ended', restMs: null }
    }
    if (!end.isSuccess) {
      this.#stalls += end.isStall ? 1 : 0
      return this.#fail(end.reason, end.lines, end.tellingLine)
    }
    this.#row.forget()
    const intervalMs = mayFinish ? REPEAT_INTERVAL_MS : RESTART_INTERVAL_MS
    const restMs = Math.max(LEAST_REST_MS, intervalMs - ranMs)
    this.#logger.info({ restMs: Math.round(restMs) }, 'program finished')
    return { state: 'waiting', restMs }
  }

  #fail(reason: string, lines: readonly string[] = [], line: string | null = null): Rest {
    const { task, options } = this.#setup
    this.#failures++
    this.#lastError = [reason, ...lines].join('\n')
    const said = { reason, ...(line === null ? {} : { line }), failures: this.#failures }
    if (task.isExpectedToWork?.() === false) {
      // Its source is silent: that is not its fault.
      this.#logger.info(said, 'program ended without its source')
      this.#row.forget()
      return { state: 'waiting', restMs: RESTART_INTERVAL_MS }
    }
    const { restMs, isNews } = this.#row.fail(options().failingAfter)
    const { isFailing } = this.#row
    if (isNews) {
      const what = isFailing ? 'program is failing, and is tried again and again' : 'program failed'
      this.#logger.warn({ ...said, restMs }, what)
    }
    return { state: isFailing ? 'failing' : 'waiting', restMs }
  }

  /** Somebody else has its place: no trouble that anybody should look at, and told once. */
  #giveWay(reason: string): Rest {
    const { restMs } = this.#row.fail(Number.POSITIVE_INFINITY)
    this.#failures++
    if (reason !== this.#lastError) {
      this.#lastError = reason
      this.#logger.warn({ reason, restMs }, 'program waits for its place')
    }
    return { state: 'waiting', restMs }
  }

  #failToStart(error: Error): Rest {
    const { secrets = [] } = this.#setup.task
    const reason = hideSecrets(error.message, secrets)
    if (this.#isStopped) {
      return { state: 'ended', restMs: null }
    }
    if (error instanceof UnavailableError || ('code' in error && NO_SUCH_PROGRAM.has(error.code))) {
      this.#lastError = reason
      this.#logger.warn({ reason }, 'program unavailable')
      return { state: 'unavailable', restMs: null }
    }
    return error instanceof PlaceTakenError ? this.#giveWay(reason) : this.#fail(reason)
  }

  async #rest({ state, restMs }: Rest): Promise<void> {
    if (this.#isStopped) {
      return
    }
    this.#set(state)
    await new Promise<void>((resolve) => {
      const timer = restMs === null ? undefined : setTimeout(resolve, restMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
  }

  /** A fault of who is told must not end what is supervised. */
  #tell(): void {
    try {
      this.#setup.task.onChange?.()
    } catch (error) {
      this.#logger.error({ error }, 'who runs a program failed to hear of it')
    }
  }

  #set(state: ProgramState): void {
    if (state !== this.#state && !this.#isStopped) {
      this.#state = state
      this.#since = this.#setup.clock.wallTime()
      this.#tell()
    }
  }
}
