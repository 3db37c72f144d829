import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'
import { redactSecrets } from './redact.ts'
import type { Ms } from './units.ts'

/** Lines with the same message that are logged in a window before the rest of the window is only counted. */
export const PITHY_LINES_PER_WINDOW = 50

/** Length of a window, ms. */
export const PITHY_WINDOW_MS = 10_000

/** Characters of one text in a field: clients choose names and addresses, and errors quote them. The rest is cut off. */
export const MAX_LOGGED_TEXT_LENGTH = 4096

type Level = 'info' | 'warn' | 'error'

type Window = { since: Ms; lines: number; suppressed: number }

/**
 * A logger under which a thousand players that come and go cost a few lines: of each message, the first
 * `PITHY_LINES_PER_WINDOW` of every `PITHY_WINDOW_MS` are logged; the next line says how many were `suppressed`.
 * Messages must be constant texts (what varies goes into the fields), so that they can be told apart. `debug` is not limited.
 * Secrets in the fields' texts are taken out (`redactSecrets`), texts past `MAX_LOGGED_TEXT_LENGTH` cut off, and control characters left
 * out that JSON leaves as they are, at every level.
 */
export class PithyLogger implements Logger {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #windows: Map<string, Window>

  /** @param windows shared with child loggers; left out by callers */
  constructor(logger: Logger, clock: Clock, windows: Map<string, Window> = new Map()) {
    this.#logger = logger
    this.#clock = clock
    this.#windows = windows
  }

  /** Not limited: who asks for debug lines wants them all. */
  debug(fields: object, message: string): void {
    this.#logger.debug(withoutSecrets(fields), message)
  }

  /** Limited by message. */
  info(fields: object, message: string): void {
    this.#log('info', fields, message)
  }

  /** Limited by message. */
  warn(fields: object, message: string): void {
    this.#log('warn', fields, message)
  }

  /** Limited by message. */
  error(fields: object, message: string): void {
    this.#log('error', fields, message)
  }

  /** A child with the same limits: lines of all connections count together. */
  child(bindings: Record<string, unknown>): Logger {
    return new PithyLogger(this.#logger.child(bindings), this.#clock, this.#windows)
  }

  #log(level: Level, fields: object, message: string): void {
    const now = this.#clock.now()
    const window = this.#windows.get(message) ?? { since: now, lines: 0, suppressed: 0 }
    this.#windows.set(message, window)
    if (now - window.since >= PITHY_WINDOW_MS) {
      window.since = now
      window.lines = 0
    }
    if (window.lines >= PITHY_LINES_PER_WINDOW) {
      window.suppressed++
      return
    }
    window.lines++
    const { suppressed } = window
    window.suppressed = 0
    const redacted = withoutSecrets(fields)
    this.#logger[level](suppressed === 0 ? redacted : { ...redacted, suppressed }, message)
  }
}

/** The same fields, if there is nothing to take out or to cut off. */
function withoutSecrets(fields: object): object {
  let copy: Record<string, unknown> | null = null
  for (const [name, value] of Object.entries(fields)) {
    const redacted = typeof value === 'string' ? redactSecrets(printable(shortened(value))) : value
    if (redacted !== value) {
      copy ??= { ...fields }
      copy[name] = redacted
    }
  }
  return copy ?? fields
}

function shortened(text: string): string {
  return text.length > MAX_LOGGED_TEXT_LENGTH
    ? `${text.slice(0, MAX_LOGGED_TEXT_LENGTH)}... (${text.length} characters)`
    : text
}

/** Some terminals obey DEL and those of C1 (U+0080 to U+009F). Others, such as line breaks, are escaped where the line is written. */
function printable(text: string): string {
  return text.replace(/[\u007f-\u009f]/g, '')
}
