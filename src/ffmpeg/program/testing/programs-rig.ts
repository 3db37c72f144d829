import { type Logger, systemClock } from '../../../base/index.ts'
import { defaultProgramOptions } from '../options.ts'
import { Programs } from '../programs.ts'
import type { ProgramStatus } from '../status.ts'
import type { ProgramTask, SupervisedProgram } from '../supervisor.ts'
import { FakeProcesses } from './fake-process.ts'

/** Programs whose processes only pretend, in a time that goes by when a test says so. */
export class ProgramsRig {
  readonly processes: FakeProcesses = new FakeProcesses()
  readonly guarded: Set<number> = new Set()
  readonly programs: Programs
  readonly #pass: (ms: number) => Promise<unknown>
  /** Why there is no FFmpeg; null if there is one. */
  problem: string | null = null

  /** @param pass lets time go by, ms */
  constructor(logger: Logger, pass: (ms: number) => Promise<unknown>) {
    this.#pass = pass
    this.programs = new Programs({
      options: defaultProgramOptions,
      clock: systemClock,
      logger,
      start: this.processes.start,
      guardian: {
        add: (pid) => this.guarded.add(pid),
        remove: (pid) => this.guarded.delete(pid),
        close: async () => {},
      },
      findFfmpeg: async () => (this.problem === null ? { path: '/bin/ffmpeg' } : { problem: this.problem }),
      random: () => 0,
    })
  }

  /** Runs an FFmpeg, or what the task says. */
  run(task: Partial<ProgramTask> = {}): SupervisedProgram {
    return this.programs.run({
      kind: 'transcode',
      vhost: '__defaultVhost__',
      stream: 'live/demo',
      name: 'ld',
      output: 'rtmp://127.0.0.1/live/demo_ld',
      logName: 'ld.log',
      isFfmpeg: true,
      encoders: ['libx264'],
      command: () => ({ file: 'ffmpeg', args: ['-i', 'x'] }),
      ...task,
    })
  }

  /** The same, when it was started. */
  async started(task: Partial<ProgramTask> = {}): Promise<SupervisedProgram> {
    const program = this.run(task)
    await this.settle()
    return program
  }

  /** Lets go by what goes by at once. */
  settle(): Promise<unknown> {
    return this.pass(0)
  }

  /** Lets time go by. */
  pass(ms: number): Promise<unknown> {
    return this.#pass(ms)
  }
}

/** What has become of a program. */
export function shown({
  state,
  starts,
  failures,
  stalls,
}: ProgramStatus): Pick<ProgramStatus, 'state' | 'starts' | 'failures' | 'stalls'> {
  return { state, starts, failures, stalls }
}
