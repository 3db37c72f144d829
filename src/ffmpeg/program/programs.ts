import { type Clock, ClosedError, type Logger } from '../../base/index.ts'
import { FfmpegFinder } from './ffmpeg-finder.ts'
import { Guardian, guardedStart } from './guardian.ts'
import type { ProgramOptions } from './options.ts'
import { type FindFfmpeg, Program } from './program.ts'
import { ProgramLogs } from './program-logs.ts'
import { ProgramPlaces } from './program-places.ts'
import { type StartProcess, startProcess } from './program-process.ts'
import { WATCH_INTERVAL_MS } from './stall-watch.ts'
import type { ProgramKind, ProgramStatus } from './status.ts'
import type { AdoptedProgram, ProgramSupervisor, ProgramTask, SupervisedProgram } from './supervisor.ts'

/** What `Programs` are made with. */
export type ProgramsSetup = Readonly<{
  /** How programs are run, until `useOptions`. */
  options: ProgramOptions
  /** Measures how long they work, and stand still. */
  clock: Clock
  /** Told of starts and ends. */
  logger: Logger
  /** Says which FFmpeg is run. Default: a finder of its own. */
  findFfmpeg?: FindFfmpeg
  /** Starts a process. Default `startProcess`. */
  start?: StartProcess
  /** Ends processes when this one is killed. Default: a guardian of its own. */
  guardian?: Pick<Guardian, 'add' | 'remove' | 'close'>
  /** For the jitter of the waits. Default `Math.random`. */
  random?: () => number
}>

/** How often programs of a kind were started, and failed, since this server began. */
export type ProgramCounts = Readonly<{
  /** Starts. */
  starts: number
  /** Ends that nobody asked for, those of programs that stood still among them. */
  failures: number
  /** How often one was replaced because it stood still. */
  stalls: number
}>

const NONE: ProgramCounts = { starts: 0, failures: 0, stalls: 0 }

/** Starts programs, watches them, and starts them again; ends them with this process. */
export class Programs implements ProgramSupervisor {
  /** Knows which FFmpeg there is. */
  readonly ffmpeg: FfmpegFinder
  readonly #setup: ProgramsSetup
  readonly #logs: ProgramLogs
  readonly #guardian: Pick<Guardian, 'add' | 'remove' | 'close'>
  readonly #start: StartProcess
  readonly #programs = new Set<Program>()
  readonly #adopted = new Set<AdoptedProgram>()
  /** What each is called; no two of a kind and stream are called the same. */
  readonly #names = new WeakMap<SupervisedProgram, string>()
  readonly #places = new ProgramPlaces(() => this.#options)
  #options: ProgramOptions
  readonly #ended: Record<ProgramKind, ProgramCounts> = { transcode: NONE, ingest: NONE, exec: NONE }
  #timer: NodeJS.Timeout | null = null
  #lastId = 0
  #closing: Promise<void> | null = null

  /** Nothing runs yet. */
  constructor(setup: ProgramsSetup) {
    const { options, logger, clock } = setup
    this.#setup = setup
    this.#options = options
    this.#logs = new ProgramLogs(logger)
    this.#guardian = setup.guardian ?? new Guardian(logger, clock)
    this.#start = guardedStart(setup.start ?? startProcess, this.#guardian)
    this.ffmpeg = new FfmpegFinder({ start: this.#start, logger })
  }

  get statuses(): ProgramStatus[] {
    return [...this.#programs, ...this.#adopted].map((program) => {
      const { status } = program
      return { ...status, name: this.#names.get(program) ?? status.name }
    })
  }

  /** All of a kind together, those that are stopped among them. */
  get counts(): Readonly<Record<ProgramKind, ProgramCounts>> {
    const counts = { ...this.#ended }
    for (const { status } of [...this.#programs, ...this.#adopted]) {
      counts[status.kind] = sum(counts[status.kind], status)
    }
    return counts
  }

  /** @throws ClosedError if all was stopped */
  run(task: ProgramTask): SupervisedProgram {
    if (this.#closing !== null) {
      throw new ClosedError('programs are not started any more')
    }
    const { clock, logger, random } = this.#setup
    const findFfmpeg: FindFfmpeg = (file, encoders) => this.ffmpeg.answer(file, encoders)
    const program = new Program({
      id: `p${++this.#lastId}`,
      task,
      options: () => this.#options,
      start: this.#start,
      findFfmpeg: this.#setup.findFfmpeg ?? findFfmpeg,
      logs: this.#logs,
      claim: (claimant) => this.#places.claim(claimant),
      release: (owner) => this.#places.release(owner),
      clock,
      logger,
      ...(random === undefined ? {} : { random }),
    })
    this.#giveName(program)
    this.#programs.add(program)
    this.#timer ??= setInterval(() => this.#look(), WATCH_INTERVAL_MS).unref()
    void program.ended.then(() => this.#forget(program))
    return program
  }

  adopt<Worker extends AdoptedProgram>(make: (id: string, options: () => ProgramOptions) => Worker): Worker {
    const worker = make(`p${++this.#lastId}`, () => this.#options)
    this.#giveName(worker)
    this.#adopted.add(worker)
    void worker.ended.then(() => {
      this.#count(worker.status)
      this.#adopted.delete(worker)
    })
    return worker
  }

  /** How programs are run that are started now. */
  get options(): ProgramOptions {
    return this.#options
  }

  /** How programs are run that are started from now on. */
  useOptions(options: ProgramOptions): void {
    this.#options = options
    this.#places.wakeQueued()
  }

  /** Tries at once what can't be started, and what is failing: something may have changed. */
  lookAgain(): void {
    for (const program of this.#programs) {
      program.lookAgain()
    }
  }

  /** Stops all for good. Idempotent; resolves when nothing is left of them. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([this.ffmpeg.close(), ...[...this.#programs].map((program) => program.stop())])
    await this.#guardian.close()
  }

  /** Engines of two blocks may have one name, and several programs none. */
  #giveName(program: SupervisedProgram): void {
    const { kind, vhost, stream, name } = program.status
    const others = this.statuses.filter(
      (other) => other.kind === kind && other.vhost === vhost && other.stream === stream,
    )
    const taken = new Set(others.map((other) => other.name))
    let own = name
    for (let number = 2; taken.has(own); number++) {
      own = `${name}#${number}`
    }
    this.#names.set(program, own)
  }

  #look(): void {
    for (const program of this.#programs) {
      program.look()
    }
  }

  #forget(program: Program): void {
    this.#count(program.status)
    this.#programs.delete(program)
    if (this.#programs.size === 0) {
      clearInterval(this.#timer ?? undefined)
      this.#timer = null
    }
  }

  #count(status: ProgramStatus): void {
    this.#ended[status.kind] = sum(this.#ended[status.kind], status)
  }
}

function sum(a: ProgramCounts, b: ProgramCounts): ProgramCounts {
  return {
    starts: a.starts + b.starts,
    failures: a.failures + b.failures,
    stalls: a.stalls + b.stalls,
  }
}
