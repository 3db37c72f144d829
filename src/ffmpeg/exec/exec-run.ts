import type { ProgramSupervisor, ProgramTask, SupervisedProgram } from '../program/index.ts'

/** What an `ExecRun` is made with. */
export type ExecRunSetup = Readonly<{
  /** Runs it. */
  programs: ProgramSupervisor
  /** What is run. */
  task: ProgramTask
  /** The program, as the settings name it. */
  program: string
  /** The end of the same program for the publication before, which comes first: both may write to one file. Null if there is none. */
  after: Promise<void> | null
}>

/** One program of one publication. */
export class ExecRun {
  /** The program, as the settings name it. */
  readonly program: string
  readonly #after: Promise<void> | null
  #running: SupervisedProgram | null = null
  #isStopped = false

  /** Begins at once, or when the one before is gone. */
  constructor({ programs, task, program, after }: ExecRunSetup) {
    this.program = program
    this.#after = after
    const start = (): void => {
      if (!this.#isStopped) {
        this.#running = programs.run(task)
      }
    }
    if (after === null) {
      start()
    } else {
      void after.then(start)
    }
  }

  /** Ends it. Resolves when nothing is left of it, nor of the one before. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#after
    await this.#running?.stop()
  }
}
