import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import pino from 'pino'
import type pretty from 'pino-pretty'
import { type Logger, ServerError, toError } from '../base/index.ts'
import type { LogSettings } from '../control/index.ts'
import { localIsoTime } from './local-time.ts'

/** Levels of `--log-level`, most talkative first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Values of `--log-format`. */
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const

/** One of `LOG_FORMATS`. */
export type LogFormat = (typeof LOG_FORMATS)[number]

/** Lines that wait for a disk which does not take them, bytes; more are lost. */
export const MAX_WAITING_LOG_BYTES: number = 8 * 1024 * 1024

/** The log of the command. */
export type Log = Readonly<{
  /** Writes it. */
  logger: Logger
  /** Goes on in a file of the same name, as another program has moved this one away; no line is lost. Nothing for a console. */
  reopen(): void
}>

/**
 * Opens the log: JSON lines for machines, one readable line each for people.
 * @param format `auto` is pretty when the log goes to a terminal
 * @throws ServerError ERR_CONFIGURATION if the file cannot be written
 */
export async function openLog({ target, file, level, utc }: LogSettings, format: LogFormat): Promise<Log> {
  const isConsole = target === 'console'
  const timestamp = utc ? pino.stdTimeFunctions.isoTime : () => `,"time":"${localIsoTime(new Date())}"`
  const options = { level, base: null, errorKey: 'error', timestamp }
  const output = isConsole
    ? pino.destination({ fd: 2, sync: false })
    : pino.destination({
        dest: requireWritable(file),
        mkdir: true,
        sync: false,
        maxLength: MAX_WAITING_LOG_BYTES,
      })
  if (!isConsole) {
    // A process that ends before its log is open, as its port is taken, could not write the last lines.
    await once(output, 'ready')
    reportTrouble(output, file)
  }
  const readable = format === 'pretty' || (format === 'auto' && isConsole && process.stderr.isTTY)
  const logger = pino(options, readable ? await prettyStream(isConsole ? 2 : output, utc) : output)
  return {
    logger,
    reopen() {
      if (!isConsole) {
        output.reopen()
      }
    },
  }
}

/** @param destination the descriptor of a console, or the file's stream */
async function prettyStream(
  destination: number | pino.DestinationStream,
  utc: boolean,
): Promise<pretty.PrettyStream> {
  const { default: pretty } = await import('pino-pretty')
  return pretty({
    destination,
    // Lines that a person waits for come at once, and none is lost at the end.
    sync: true,
    colorize: typeof destination === 'number' && process.stderr.isTTY,
    errorLikeObjectKeys: ['error'],
    translateTime: utc ? 'UTC:HH:MM:ss.l' : 'SYS:HH:MM:ss.l',
    singleLine: true,
  })
}

/** Makes the folder of the file and tries to write there; returns where the file is, whatever becomes of the working directory. */
function requireWritable(file: string): string {
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    closeSync(openSync(path, 'a'))
    return path
  } catch (error) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `the log file '${file}' cannot be written: ${toError(error).message}`,
      { cause: error },
    )
  }
}

/** A full disk must not end the server: lines wait, the newest are lost if it lasts, and standard error says so once. */
function reportTrouble(output: ReturnType<typeof pino.destination>, file: string): void {
  let told = false
  const tell = (what: string): void => {
    if (!told) {
      told = true
      process.stderr.write(`srs: the log file '${file}' ${what}\n`)
    }
  }
  output.on('error', (error: Error) => tell(`cannot be written: ${error.message}`))
  output.on('drop', () => tell('takes too little: lines are lost'))
  output.on('write', () => {
    told = false
  })
}
