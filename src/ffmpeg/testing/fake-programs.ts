import { type Ms, ms } from '../../base/index.ts'
import {
  type AdoptedProgram,
  defaultProgramOptions,
  type ProgramOptions,
  type ProgramState,
  type ProgramStatus,
  type ProgramSupervisor,
  type ProgramTask,
  type SupervisedProgram,
} from '../program/index.ts'

const NOW: Ms = ms(1_700_000_000_000)

/** A program that only pretends: what becomes of it is in the test's hands. */
export class FakeProgram implements SupervisedProgram {
  readonly task: ProgramTask
  /** How often it was told to stop. */
  stops = 0
  readonly #id: string
  readonly #onStopped: (program: FakeProgram) => void
  #state: ProgramState = 'starting'
  #lastError: string | null = null
  /** Resolves `stop`; replaced by a test that wants an end to take its time. */
  whenStopped: Promise<void> = Promise.resolve()

  constructor(id: string, task: ProgramTask, onStopped: (program: FakeProgram) => void) {
    this.#id = id
    this.task = task
    this.#onStopped = onStopped
  }

  get status(): ProgramStatus {
    const { kind, vhost, stream, name, output } = this.task
    return {
      id: this.#id,
      kind,
      vhost,
      stream,
      name,
      output,
      state: this.#state,
      since: NOW,
      pid: this.#state === 'running' ? 1 : null,
      starts: 1,
      failures: 0,
      stalls: 0,
      lastError: this.#lastError,
      progress: null,
      logFile: null,
    }
  }

  /** Goes over into another state, and tells whoever runs it. */
  enter(state: ProgramState, lastError: string | null = this.#lastError): void {
    this.#state = state
    this.#lastError = lastError
    this.task.onChange?.()
  }

  async stop(): Promise<void> {
    this.stops++
    await this.whenStopped
    this.#state = 'ended'
    this.#onStopped(this)
  }
}

/** A supervisor that starts nothing. */
export class FakePrograms implements ProgramSupervisor {
  /** All that were ever run, in order. */
  readonly all: FakeProgram[] = []
  /** Those that were not stopped. */
  readonly running: Set<FakeProgram> = new Set()

  readonly #adopted = new Set<AdoptedProgram>()

  get statuses(): readonly ProgramStatus[] {
    return [...this.running, ...this.#adopted].map(({ status }) => status)
  }

  /** The newest one. */
  get newest(): FakeProgram {
    const newest = this.all.at(-1)
    if (newest === undefined) {
      throw new Error('no program was run')
    }
    return newest
  }

  adopt<Worker extends AdoptedProgram>(make: (id: string, options: () => ProgramOptions) => Worker): Worker {
    const worker = make(`file${this.#adopted.size + 1}`, () => defaultProgramOptions)
    this.#adopted.add(worker)
    void worker.ended.then(() => this.#adopted.delete(worker))
    return worker
  }

  run(task: ProgramTask): FakeProgram {
    const program = new FakeProgram(`p${this.all.length + 1}`, task, (each) => this.running.delete(each))
    this.all.push(program)
    this.running.add(program)
    return program
  }
}
