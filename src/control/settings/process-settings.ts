/** What is logged at least. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where the log goes, and what is in it. */
export type LogSettings = Readonly<{
  /** Standard error, or a file. Default 'console'. SRS: srs_log_tank. */
  target: 'console' | 'file'
  /** The file, if that is the target; its folder is made. Default './objs/srs.log'. SRS: srs_log_file. */
  file: string
  /** What is less important is left out. Default 'info'. SRS: srs_log_level, srs_log_level_v2. */
  level: LogLevel
  /** Are times in UTC? Else they are the machine's, with the offset. Default true. SRS: utc_time. */
  utc: boolean
}>

/** How often a line tells what all clients of a kind are doing, while there are some. */
export type ProgressSettings = Readonly<{
  /** Publishers, ms; 0 for never. Default 0. SRS: pithy_print_ms, in 2014 pithy_print.publish. */
  publishMs: number
  /** Players, ms; 0 for never. Default 0. SRS: pithy_print_ms, in 2014 pithy_print.play. */
  playMs: number
}>

/** How the process ends when it is asked to end gracefully. */
export type QuitSettings = Readonly<{
  /** How long it still takes new clients, so that whoever sends them here has time to learn of it, ms. Default 2300. SRS: grace_start_wait. */
  startWaitMs: number
  /** How long it goes on once the last client has left, so that what is under way elsewhere can end, ms. Default 3200. SRS: grace_final_wait. */
  finalWaitMs: number
  /** How long clients may stay once no new ones are taken, ms; then they are cut. Infinity: for ever, as in SRS. Default 600 000. */
  deadlineMs: number
  /** Does SIGTERM, too, ask to end gracefully? Default false. SRS: force_grace_quit. */
  always: boolean
}>

/** All that a configuration file can say of the process rather than of the server in it. */
export type ProcessSettings = Readonly<{
  /** Does it go on in the background, while the command that started it ends? Default false. SRS: daemon, disable_daemon_for_docker. */
  daemon: boolean
  /** The file with the number of the process; there is one process for it. Its folder is made. Default null: none. SRS: pid. */
  pidFile: string | null
  /** The folder from which relative paths count, those of the configuration's own files excepted. Default './'. SRS: work_dir. */
  workDirectory: string
  /** Does it end when the process that started it ends? Default false. SRS: asprocess. */
  endWithParent: boolean
  /**
   * Is the configuration read again when its files change? Default false; a file says so in a container, unless it says otherwise. SRS:
   * inotify_auto_reload, auto_reload_for_docker.
   */
  autoReload: boolean
  /** Its log. */
  log: LogSettings
  /** Lines about progress in the log. */
  progress: ProgressSettings
  /** Its end. */
  quit: QuitSettings
}>

/** What holds if neither a file nor an option says otherwise: a process for the terminal it is started at. */
export const defaultProcessSettings: ProcessSettings = {
  daemon: false,
  pidFile: null,
  workDirectory: './',
  endWithParent: false,
  autoReload: false,
  log: { target: 'console', file: './objs/srs.log', level: 'info', utc: true },
  progress: { publishMs: 0, playMs: 0 },
  quit: { startWaitMs: 2300, finalWaitMs: 3200, deadlineMs: 600_000, always: false },
}

/** Words of SRS for what is logged at least: of `srs_log_level`, and of `srs_log_level_v2`, which says it as others do. */
export const SRS_LOG_LEVELS: Readonly<
  Record<'v1' | 'v2', Readonly<Record<string, Exclude<LogLevel, 'silent'>>>>
> = {
  v1: { verbose: 'debug', info: 'debug', trace: 'info', warn: 'warn', error: 'error' },
  v2: { trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error' },
}
