import type { ProgramCommand } from './command.ts'
import type { ProgramOptions } from './options.ts'
import type { ProgramKind, ProgramStatus } from './status.ts'

/** A program that is to run until it is stopped. */
export type ProgramTask = Readonly<{
  /** What it is run for. */
  kind: ProgramKind
  /** The virtual host of its stream. */
  vhost: string
  /** The stream it is run for, e.g. 'live/livestream'. */
  stream: string
  /** Which of the programs for that stream. */
  name: string
  /** Where what it makes goes; secrets in it are not shown. '' if that is not known. */
  output: string
  /** The name of its log in the folder of logs: one part of a path, without a folder. */
  logName: string
  /** Is it FFmpeg? Then the supervisor has it tell its progress, and replaces it when it stands still. */
  isFfmpeg: boolean
  /** Encoders that it needs, e.g. 'libx264'; with one missing it is `unavailable`. Looked at for FFmpeg only. */
  encoders: readonly string[]
  /** Makes the command, anew for each start. An error that is thrown counts as a failed start, with its message; see `PlaceTakenError`, too. */
  command: () => ProgramCommand
  /** Should it make progress now? While it need not, it may stand still for as long as it likes. Default: always. */
  isExpectedToWork?: () => boolean
  /**
   * Texts that nobody is to see in the log of the server, the API, and the commands in the program's own log, e.g. a stream key. What the
   * program writes itself stands there as it is. Default: none.
   */
  secrets?: readonly string[]
  /**
   * Has it done its work when it ends by itself with status 0 and has made progress, as with a file that was played to its end? Then it is
   * started again at once, and no failure is counted. Default false.
   */
  mayFinish?: boolean
  /** Told after each end of the process, before the next start, and when it could not be started. */
  onExit?: () => void
  /** Told when its `status` has another `state`. It may look, and must not stop anything. */
  onChange?: () => void
}>

/** A program in the supervisor's care. */
export interface SupervisedProgram {
  /** What it does now. */
  readonly status: ProgramStatus
  /** Stops it for good. Resolves when its process, and all that it started, are gone. Idempotent. */
  stop(): Promise<void>
}

/** What does a program's work in this process, such as playing a file. */
export interface AdoptedProgram extends SupervisedProgram {
  /** Resolves when it was stopped, and nothing is left of it. */
  readonly ended: Promise<void>
}

/** Who starts programs, watches them, and starts them again. */
export interface ProgramSupervisor {
  /** All that it cares for, in the order in which they came; ended ones are not in it. */
  readonly statuses: readonly ProgramStatus[]
  /** Starts one, and keeps it running until it is stopped. */
  run(task: ProgramTask): SupervisedProgram
  /**
   * Shows and counts what does a program's work in this process, until its end.
   * @param make makes it, with the id that it has among programs, and how programs are run
   */
  adopt<Worker extends AdoptedProgram>(make: (id: string, options: () => ProgramOptions) => Worker): Worker
}
