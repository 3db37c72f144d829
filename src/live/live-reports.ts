import { type Logger, RedirectError, RejectedError, toError } from '../base/index.ts'
import type { StreamRequest } from './client.ts'
import type { Denial, Refusal, StreamEvents } from './ports.ts'
import type { Client } from './server-client.ts'
import type { EndReason } from './sink.ts'
import { streamKey } from './stream-name.ts'

/** Tells what happens to publishers and players, to the log and to the events; neither is waited for. */
export class LiveReports {
  readonly #events: StreamEvents
  readonly #logger: Logger

  /** Made by `LiveService`. */
  constructor(events: StreamEvents, logger: Logger) {
    this.#events = events
    this.#logger = logger
  }

  /** A publisher begins. */
  publishStarted(request: StreamRequest): void {
    const { address, protocol } = request.client
    this.#logger.info({ ...fieldsOf(request), address, protocol }, 'publish started')
    this.#tell('onPublish', () => this.#events.onPublish(request))
  }

  /**
   * A publisher is gone.
   * @param firstDroppedReason why the first of its frames that were left out was; null if none was
   */
  publishStopped(request: StreamRequest, reason: EndReason, firstDroppedReason: string | null): void {
    const dropped = firstDroppedReason === null ? {} : { firstDroppedReason }
    this.#logger.info({ ...fieldsOf(request), reason: reason.message, ...dropped }, 'publish stopped')
    this.#tell('onUnpublish', () => this.#events.onUnpublish(request, reason))
  }

  /** A player begins. */
  playStarted(request: StreamRequest): void {
    this.#logger.info({ ...fieldsOf(request), protocol: request.client.protocol }, 'play started')
    this.#tell('onPlay', () => this.#events.onPlay(request))
  }

  /** A player is gone. */
  playStopped(request: StreamRequest, reason: EndReason): void {
    this.#logger.info({ ...fieldsOf(request), reason: reason.message }, 'play stopped')
    this.#tell('onStop', () => this.#events.onStop(request, reason))
  }

  /** Admission has let a client in, and it does not begin. */
  abandoned(action: Refusal['action'], request: StreamRequest): void {
    this.#tell('onAbandoned', () => this.#events.onAbandoned(action, request))
  }

  /** A client is gone that was let connect. @param connections what it was let connect for */
  closed({ bytesReceived, bytesSent }: Client, connections: readonly StreamRequest[]): void {
    for (const request of connections) {
      this.#tell('onClose', () => this.#events.onClose(request, { bytesReceived, bytesSent }))
    }
  }

  /**
   * A client is not let in.
   * @returns the error to throw
   */
  refused(
    action: Refusal['action'],
    request: StreamRequest,
    { reason, link = 'admission', code = link, srsCode, redirect }: Denial,
    cause?: Error,
  ): RejectedError {
    const { address, protocol } = request.client
    const numbered = srsCode === undefined ? {} : { srsCode }
    const failed = cause === undefined ? {} : { error: cause }
    this.#logger.warn(
      { ...fieldsOf(request), address, protocol, link, code, ...numbered, reason, ...failed },
      `${action} refused`,
    )
    const refusal = {
      ...{ action, request, reason, link, code, ...numbered },
      ...(redirect === undefined ? {} : { redirect }),
    }
    this.#tell('onRefused', () => this.#events.onRefused(refusal))
    const message = `${action} refused: ${reason}`
    return redirect === undefined
      ? new RejectedError(message, cause === undefined ? {} : { cause })
      : new RedirectError(message, redirect)
  }

  #tell(event: string, tell: () => Promise<void>): void {
    // Within a promise, so that a listener that throws at once is caught, too.
    const told = new Promise<void>((resolve) => resolve(tell()))
    told.catch((error: unknown) => this.#logger.error({ event, error: toError(error) }, 'a listener failed'))
  }
}

function fieldsOf({ client, name }: StreamRequest): { client: string; stream: string } {
  return { client: client.id, stream: streamKey(name) }
}
