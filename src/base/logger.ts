/**
 * The logging port: the part of pino's interface this package uses, so a pino logger can be passed as it is.
 * Fields come first, the message second: `logger.info({ stream: 'live/demo' }, 'publish started')`.
 */
export interface Logger {
  /** For developers: every protocol step. Off by default. */
  debug(fields: object, message: string): void
  /** For operators: a client came, went, changed state. */
  info(fields: object, message: string): void
  /** Something is wrong but handled: a refused client, a bad packet. */
  warn(fields: object, message: string): void
  /** Something failed that should not have. */
  error(fields: object, message: string): void
  /** A logger that adds `bindings` (e.g. the connection's id) to every line. */
  child(bindings: Record<string, unknown>): Logger
}

/** A logger that says nothing; the default when the package is used as a library. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child() {
    return silentLogger
  },
}
