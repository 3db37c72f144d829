import { inspect } from 'node:util'

/**
 * Every stable error code with its meaning. `docs/errors.md` lists the same codes; a test keeps the two equal.
 */
export const ERROR_CODES = {
  ERR_PROTOCOL: 'bytes from a peer break the rules of the protocol they claim to speak',
  ERR_LIMIT: 'a peer asked for more than a named limit allows',
  ERR_REJECTED: 'admission or the stream itself refused the request',
  ERR_CLOSED: 'the thing asked to act is already closed',
  ERR_TIMEOUT: 'a peer did not do what was expected of it in the time allowed',
  ERR_LISTEN: 'an address could not be listened on',
  ERR_CONNECTION: 'a connection to another server could not be made, or was lost',
  ERR_CONFIGURATION: 'a configuration file or an option cannot be used as it is',
  ERR_CERTIFICATE: 'a TLS certificate or its key cannot be used',
  ERR_MEDIA_FILE: 'a media file cannot be read or is not what it claims to be',
} as const

/** A stable, documented error code; safe to branch on. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Base class of every error this package throws on purpose. */
export class ServerError extends Error {
  /** Stable code, listed in `docs/errors.md`. */
  readonly code: ErrorCode

  /**
   * @param code stable code
   * @param message what was wrong and where, for a person
   * @param options `cause`: the error underneath, if any
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Bytes from a peer break the rules of the protocol. The only error a parser throws. */
export class ProtocolError extends ServerError {
  /** @param message what was wrong and at which field or offset */
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PROTOCOL', message, options)
  }
}

/** A `ProtocolError` about a size or a count: states the limit's name, its value and the value asked for. */
export class LimitError extends ProtocolError {
  /** Stable code; differs from a plain `ProtocolError`'s. */
  override readonly code: ErrorCode = 'ERR_LIMIT'

  /**
   * @param limitName name of the option or constant, with its unit
   * @param limit the value in force
   * @param actual the value the peer asked for
   */
  constructor(limitName: string, limit: number, actual: number) {
    super(`${actual} exceeds ${limitName} (${limit})`)
  }
}

/** A publish, play or connect request was refused; `message` is the reason, fit for a log. */
export class RejectedError extends ServerError {
  /** @param message the reason, fit for a log line and for the peer */
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_REJECTED', message, options)
  }
}

/** Refused, because another server is to be asked; clients that can are sent on to it. */
export class RedirectError extends RejectedError {
  /** The whole address there, e.g. 'rtmp://example.com/live/demo'. */
  readonly url: string

  /** @param message the reason, as of `RejectedError` @param url the whole address there */
  constructor(message: string, url: string) {
    super(message)
    this.url = url
  }
}

/** The thing asked to act is already closed. */
export class ClosedError extends ServerError {
  /** @param message what is closed */
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_CLOSED', message, options)
  }
}

/** A peer did not act in the time allowed. */
export class TimeoutError extends ServerError {
  /** @param message what was waited for and how long */
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_TIMEOUT', message, options)
  }
}

/** Turns anything thrown into an `Error`, keeping it as it is if it already is one. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) {
    return thrown
  }
  return new Error(typeof thrown === 'string' ? thrown : inspect(thrown), { cause: thrown })
}
