import { accessSync, constants, mkdirSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Logger, ServerError, systemClock, toError } from '../../base/index.ts'
import type { ProcessSettings, ReloadSource } from '../../control/index.ts'
import { Server, type ServerOptions } from '../../server/index.ts'
import { EXIT_FAULT, EXIT_USAGE } from '../exit-codes.ts'
import { type LogFormat, openLog } from '../logger.ts'
import { describeServer } from '../welcome.ts'
import { startInBackground } from './background.ts'
import { ConfigWatch, type WatchedConfig } from './config-watch.ts'
import { ControlDoor, doorPathOf } from './control-door.ts'
import { doorFolderOf, prepareDoor } from './door-folder.ts'
import type { HeldSignals } from './held-signals.ts'
import { PidFile, PROCESS_NAME } from './pid-file.ts'
import { logProgress } from './progress-log.ts'
import { Quit } from './quit.ts'
import { reportThrough, reportToPerson } from './report.ts'
import { Systemd } from './systemd.ts'

/** How often a process that ends with its parent looks for it, ms. */
const PARENT_CHECK_INTERVAL_MS = 500

/** Errors by which the command was called wrongly. */
const MISTAKES: ReadonlySet<string> = new Set(['ERR_LISTEN', 'ERR_CONFIGURATION', 'ERR_CERTIFICATE'])

/** What is served, and how the process runs. */
export type ServeOptions = Readonly<{
  server: Omit<ServerOptions, 'logger'>
  process: ProcessSettings
  logFormat: LogFormat
  /** Those that have come since the process began. */
  signals: HeldSignals
  /** Is the bundled clip published as live/demo? */
  demo: boolean
  /** The pipe to the command that has started this process in the background; null if a person has started it. */
  reportPipe: number | null
  /** What the log begins with: what was said, but has no effect here. */
  notices: readonly Readonly<{ fields: object; message: string }>[]
  /** What a person can do about an address that can't be had. */
  listenHint: string
  /** SIGHUP; without it, it ends the process as it does any other. */
  onHangUp?: (server: Server, logger: Logger) => void
  /** Reads the configuration of the server again: on SIGHUP, and when the API is asked to. */
  reloader?: (server: Server, logger: Logger, folder: string) => ReloadSource & WatchedConfig
  /** The texts of the configuration's files, as they were read; none if there are no files. */
  texts: readonly string[]
}>

/** Runs a server until a signal ends it. What prevents the start is told in a line, and by the exit code. */
export async function serve(options: ServeOptions): Promise<void> {
  const { process: settings, reportPipe } = options
  const report = reportPipe === null ? reportToPerson : reportThrough(reportPipe)
  try {
    if (reportPipe === null && settings.daemon) {
      await options.signals.release()
      const started = await startInBackground(settings)
      reportToPerson(started)
      process.exitCode = started.exitCode
      return
    }
    const server = await start(options)
    if (server === null) {
      return
    }
    const welcome = { settings: options.server, demo: options.demo, background: settings.daemon }
    report({ text: describeServer(server, welcome), exitCode: 0 })
  } catch (error) {
    const known = error instanceof ServerError
    const hint = known && error.code === 'ERR_LISTEN' ? options.listenHint : ''
    const exitCode = known && MISTAKES.has(error.code) ? EXIT_USAGE : EXIT_FAULT
    report({ text: `srs: ${toError(error).message}\n${hint}`, exitCode })
    process.exit(exitCode)
  }
}

/** Starts it. Returns null if it was asked to end meanwhile, which is under way then. */
async function start(options: ServeOptions): Promise<Server | null> {
  const { process: settings, signals, reportPipe } = options
  process.title = PROCESS_NAME
  const folder = process.cwd()
  enterFolder(settings.workDirectory)
  if (settings.pidFile !== null) {
    const pidFile = new PidFile(settings.pidFile)
    process.on('exit', () => pidFile.release())
  }
  const logDirectory = options.server.programs?.logDirectory ?? null
  if (logDirectory !== null) {
    makeLogFolder(logDirectory)
  }
  const log = await openLog(settings.log, options.logFormat)
  const { logger } = log
  signals.handTo('SIGUSR1', () => {
    log.reopen()
    logger.info({}, 'log reopened')
  })
  for (const { fields, message } of options.notices) {
    logger.warn(fields, message)
  }
  const server = new Server({ ...options.server, logger })
  const endings: (() => unknown)[] = []
  let watch: ConfigWatch | null = null
  const systemd = new Systemd(logger)
  const quit = new Quit({
    server,
    settings: settings.quit,
    logger,
    say: (text) => reportPipe === null && process.stdout.write(text),
    onEnd: async () => {
      // What is written from now on is for the next server: this one must not open the ports that it finds there.
      await Promise.all([watch?.close(), systemd.tell('STOPPING=1')])
    },
    onClosed: async () => {
      await Promise.all(endings.map((end) => end()))
    },
  })
  quit.listen(signals)
  if (settings.endWithParent) {
    endWithParent(quit)
  }
  try {
    await server.listen()
    if (options.demo) {
      await server.publishFile('live/demo', {
        path: fileURLToPath(new URL('../../../assets/demo.flv', import.meta.url)),
      })
    }
    if (!quit.isClosing) {
      const opening = openDoors(server, settings.pidFile, logger)
      endings.push(async () => (await opening).close())
      await opening
    }
  } catch (error) {
    if (quit.isClosing) {
      return null
    }
    throw error
  }
  if (quit.isClosing) {
    return null
  }
  const source = onHangUp(options, server, logger, folder)
  if (source !== null && settings.autoReload && options.texts.length > 0 && !quit.isEnding) {
    watch = new ConfigWatch({ config: source, inForce: options.texts, logger })
  }
  endings.push(logProgress(() => server.streams, logger, settings.progress))
  void systemd.tell('READY=1')
  return server
}

/** Has SIGHUP act: by reading the configuration again, or as the options say. Returns who reads it; null if there is none. */
function onHangUp(
  { reloader, signals, onHangUp: act }: ServeOptions,
  server: Server,
  logger: Logger,
  folder: string,
): (ReloadSource & WatchedConfig) | null {
  const source = reloader?.(server, logger, folder) ?? null
  if (source !== null) {
    server.useReloadSource(source)
    signals.handTo('SIGHUP', () => void source.reload())
  } else if (act !== undefined) {
    signals.handTo('SIGHUP', () => act(server, logger))
  } else {
    signals.abandon('SIGHUP')
  }
  return source
}

/**
 * Opens a door among those of the user's servers, and another beside the pid file. A server without them goes on: it can still be sent
 * signals, and asked by its API.
 */
async function openDoors(server: Server, pidFile: string | null, logger: Logger): Promise<ControlDoor> {
  const door = new ControlDoor({ router: server.doorRouter, logger, clock: systemClock })
  const port = (server.rtmpAddress ?? server.rtmpsAddress ?? server.httpAddress ?? server.httpsAddress)?.port
  const paths = [
    () => prepareDoor(doorFolderOf(), port ?? 0),
    () => (pidFile === null ? null : doorPathOf(pidFile)),
  ]
  for (const path of paths) {
    try {
      const where = await path()
      if (where !== null) {
        await door.open(where)
      }
    } catch (error) {
      logger.warn({ reason: toError(error).message }, 'there is no door here for srs streams and the like')
    }
  }
  return door
}

function endWithParent(quit: Quit): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer)
      quit.closeNow()
    }
  }, PARENT_CHECK_INTERVAL_MS)
  timer.unref()
}

function enterFolder(folder: string): void {
  try {
    process.chdir(folder)
  } catch (error) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `the work directory '${folder}' cannot be entered: ${toError(error).message}`,
      {
        cause: error,
      },
    )
  }
}

function makeLogFolder(folder: string): void {
  // As in SRS: this says that the logs are not wanted.
  if (folder === '/dev/null') {
    return
  }
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `the log directory '${folder}' cannot be written to: ${toError(error).message}`,
      {
        cause: error,
      },
    )
  }
}
