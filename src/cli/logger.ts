import process from 'node:process'
import pino from 'pino'
import pretty from 'pino-pretty'
import type { Logger } from '../base/index.ts'

/** Levels of `--log-level`, most talkative first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Values of `--log-format`. */
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const

/** One of `LOG_FORMATS`. */
export type LogFormat = (typeof LOG_FORMATS)[number]

/**
 * The command's logger, on standard error: JSON lines for machines, one readable line each for people.
 * @param format `auto` is pretty when standard error is a terminal
 */
export function createLogger(level: LogLevel, format: LogFormat): Logger {
  const options = { level, base: null, errorKey: 'error', timestamp: pino.stdTimeFunctions.isoTime }
  const readable = format === 'pretty' || (format === 'auto' && process.stderr.isTTY)
  if (!readable) {
    return pino(options, pino.destination({ fd: 2, sync: false }))
  }
  return pino(
    options,
    pretty({
      destination: 2,
      // Lines that a person waits for come at once, and none is lost at the end.
      sync: true,
      colorize: process.stderr.isTTY,
      errorLikeObjectKeys: ['error'],
      translateTime: 'SYS:HH:MM:ss.l',
      singleLine: true,
    }),
  )
}
