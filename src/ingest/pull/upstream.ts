import { ServerError, toError } from '../../base/index.ts'
import type { Absence, StreamRequest } from '../../live/index.ts'
import type { MediaPacket } from '../../rtmp/index.ts'

/** Why a stream could not be had, or is had no longer. */
export type UpstreamFault =
  /** There is no connection, or it was lost: the server may be gone. */
  | 'unreachable'
  /** The connection stands, and nothing came for too long: the server or the network may be gone. */
  | 'silent'
  /** The server is there, and has no such stream for now. */
  | 'not-found'
  /** The server is there, and refuses, or what it sends can't be taken. */
  | 'refused'

/** A stream could not be had, or is had no longer; `message` says what happened, without secrets. */
export class UpstreamError extends ServerError {
  /** What it says of the other server. */
  readonly fault: UpstreamFault

  /** @param message what happened, fit for a log and for who waits for the stream */
  constructor(fault: UpstreamFault, message: string, options?: ErrorOptions) {
    super(fault === 'refused' ? 'ERR_REJECTED' : 'ERR_CONNECTION', message, options)
    this.fault = fault
  }
}

/** A stream that comes from elsewhere. */
export interface UpstreamConnection {
  /** Bytes received so far. */
  readonly bytesReceived: number
  /**
   * The next packet, in the order they are to be published; waits for one. While nobody asks, no more is read than is buffered
   * already, so that the other side has to wait. Its timestamp is the other side's, 32-bit unsigned milliseconds; its body belongs
   * to the caller.
   * @returns null when the other side ended the stream in an ordinary way, or after `close`
   * @throws UpstreamError once, with what ended it
   */
  next(): Promise<MediaPacket | null>
  /** Closes; a pending `next` gives null. Idempotent; resolves when nothing is left. */
  close(): Promise<void>
}

/**
 * The port to where a stream can be had: another server by RTMP or HTTP-FLV; a worker that holds it, or a registry that
 * knows who does, would be others.
 */
export interface Upstream {
  /** What it is known by, e.g. 'rtmp://origin:1935': the same for all streams of one server, whose health it is remembered by. */
  readonly server: string
  /** Where this very stream is, for the log and the API, without secrets; two of the same address are alike. */
  readonly address: string
  /**
   * Connects, and asks for the stream.
   * @param asked what the client asked that the stream is wanted for
   * @param signal ends it at once, also later
   * @throws UpstreamError
   */
  connect(asked: StreamRequest, signal: AbortSignal): Promise<UpstreamConnection>
}

/** What who waits is told when nobody has the stream: of several faults the one that says most. */
export function absenceOf(faults: readonly UpstreamError[]): Absence {
  const missing = faults.find(({ fault }) => fault === 'not-found')
  const refused = faults.find(({ fault }) => fault === 'refused')
  const { message } = missing ?? refused ?? faults[0] ?? { message: 'there is no origin to ask' }
  if (missing !== undefined) {
    return { code: 'not-found', reason: message }
  }
  return { code: refused === undefined ? 'unavailable' : 'refused', reason: message }
}

/** What was thrown, as a fault; what is none of an upstream counts as a refusal. */
export function toUpstreamError(thrown: unknown): UpstreamError {
  if (thrown instanceof UpstreamError) {
    return thrown
  }
  // E.g. that somebody publishes the stream here meanwhile.
  const error = toError(thrown)
  return new UpstreamError('refused', error.message, { cause: error })
}
