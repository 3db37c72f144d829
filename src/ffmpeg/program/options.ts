import { ServerError } from '../../base/index.ts'

/** How programs are run. */
export type ProgramOptions = Readonly<{
  /**
   * The folder of their logs, a file for each; it is made. Null keeps none: the last lines are in the reason when one fails.
   * Default null. SRS: ff_log_dir, in 2014 log_dir. A change counts for programs that are started from then on.
   */
  logDirectory: string | null
  /** What FFmpeg logs at least, a word of its `-loglevel`. Default 'info'. SRS: ff_log_level. A change counts as that of `logDirectory`. */
  ffmpegLogLevel: string
  /** Whether times in arguments and in names of files are in UTC and not those of the machine. Default false. SRS: utc_time. */
  utcTime: boolean
  /** A log that grows past this is kept once under the same name with `.1`, and begun anew, bytes. Default 10 MiB. */
  maxLogBytes: number
  /**
   * Logs in the folder at most, those that are kept under `.1` among them; when a program ends, those are removed that were written least
   * recently and in which no program writes. Default 1000.
   */
  maxLogFiles: number
  /** Programs at once at most, of all streams; more wait until one is over, and say so. Default 100. */
  maxPrograms: number
  /** The same of the streams of one virtual host. Default Infinity: one may have all that there may be. */
  maxProgramsPerVhost: number
  /** A program that has failed so often in a row, without having worked for 10 s, is `failing`; it is tried again all the same. Default 5. */
  failingAfter: number
  /** FFmpeg that makes nothing for so long is replaced, ms; 0 for never. Default 15 000. */
  stallTimeoutMs: number
  /** How long a program has to end when it is asked to, ms; then it is killed. Default 3000. */
  stopTimeoutMs: number
}>

/** The defaults of `ProgramOptions`. */
export const defaultProgramOptions: ProgramOptions = {
  logDirectory: null,
  ffmpegLogLevel: 'info',
  utcTime: false,
  maxLogBytes: 10 * 1024 * 1024,
  maxLogFiles: 1000,
  maxPrograms: 100,
  maxProgramsPerVhost: Number.POSITIVE_INFINITY,
  failingAfter: 5,
  stallTimeoutMs: 15_000,
  stopTimeoutMs: 3000,
}

/** Words of FFmpeg's `-loglevel`. */
export const FFMPEG_LOG_LEVELS = [
  'quiet',
  'panic',
  'fatal',
  'error',
  'warning',
  'info',
  'verbose',
  'debug',
  'trace',
] as const

/**
 * How programs are run, with every default.
 * @throws ServerError ERR_CONFIGURATION that says what can't be used
 */
export function resolveProgramOptions(options: Partial<ProgramOptions> = {}): ProgramOptions {
  const said = Object.entries(options).filter(([, value]) => value !== undefined)
  const resolved: ProgramOptions = { ...defaultProgramOptions, ...Object.fromEntries(said) }
  const { ffmpegLogLevel } = resolved
  const refuse = (problem: string): never => {
    throw new ServerError('ERR_CONFIGURATION', `programs ${problem}`)
  }
  if (!FFMPEG_LOG_LEVELS.some((level) => level === ffmpegLogLevel)) {
    refuse(`ffmpegLogLevel is "${ffmpegLogLevel}": must be one of ${FFMPEG_LOG_LEVELS.join(', ')}`)
  }
  for (const name of [
    'maxLogBytes',
    'maxLogFiles',
    'maxPrograms',
    'maxProgramsPerVhost',
    'failingAfter',
    'stopTimeoutMs',
  ] as const) {
    if (!(resolved[name] > 0)) {
      refuse(`${name} is ${resolved[name]}: must be more than 0`)
    }
  }
  if (!(resolved.stallTimeoutMs >= 0)) {
    refuse(`stallTimeoutMs is ${resolved.stallTimeoutMs}: must be 0 or more`)
  }
  return resolved
}
