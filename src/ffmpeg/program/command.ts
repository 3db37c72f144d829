import { RejectedError } from '../../base/index.ts'

/** Thrown where a command is made: somebody else has the place of what the program would make. It is tried again, and is never `failing`. */
export class PlaceTakenError extends RejectedError {}

/** A program as the system starts it: without a shell, so nothing in an argument is interpreted. */
export type ProgramCommand = Readonly<{
  /** A path, or a name that is looked for in `PATH`. */
  file: string
  /** What it is given, each whole. */
  args: readonly string[]
  /** Variables of the environment beside those of this process, of which it gets none that begin with SRS_. Default: none. */
  environment?: Readonly<Record<string, string>>
  /** A file that takes its standard output, behind what is in it; its folder is made. Default: the program's log. */
  standardOutput?: string
  /** A file that takes its standard error, in the same way. Default: the program's log. */
  standardError?: string
  /** A folder that is made first, for what it writes itself. Default: none. */
  folder?: string
}>
