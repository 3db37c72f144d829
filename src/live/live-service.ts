import { type Logger, RejectedError, toError } from '../base/index.ts'
import type { StreamRequest } from './client.ts'
import type { Admission, Decision, Permission, Source, StreamEvents } from './ports.ts'
import type { Publication } from './publication.ts'
import type { EndReason } from './sink.ts'
import type { Stream } from './stream.ts'
import { streamKey } from './stream-name.ts'
import type { StreamRegistry } from './stream-registry.ts'
import { freeForPublisher, type TakeoverOptions } from './takeover.ts'

/** What a live service is made with. */
export type LiveServiceSetup = Readonly<{
  /** The streams. */
  registry: StreamRegistry
  /** Asked about every publisher and player. */
  admission: Admission
  /** Told of every publisher and player. */
  events: StreamEvents
  /** Told the same, for operators. */
  logger: Logger
  /** How publishers take over. */
  options: TakeoverOptions
}>

/** One viewer's time on a stream. */
export type Viewing = Readonly<{
  /** What it plays. */
  stream: Stream
  /** Ends it, once; players' protocols call this when their connection is gone. */
  end(reason: EndReason): void
}>

/**
 * The one door to the streams, for every protocol: asks admission, opens the stream, tells the events. Publishers and
 * players that come from a socket, a file or a program all pass here.
 */
export class LiveService {
  /** The streams. */
  readonly registry: StreamRegistry
  readonly #admission: Admission
  readonly #events: StreamEvents
  readonly #logger: Logger
  readonly #options: TakeoverOptions

  /** Made by the composition root. */
  constructor(setup: LiveServiceSetup) {
    this.registry = setup.registry
    this.#admission = setup.admission
    this.#events = setup.events
    this.#logger = setup.logger
    this.#options = setup.options
  }

  /**
   * Admits a publisher and begins its publication.
   * @throws RejectedError with the reason if admission says no, or somebody else publishes and is not silent
   */
  async publish(request: StreamRequest, source: Source): Promise<Publication> {
    const { takeover } = await this.#requireAllowed('publish', request, () =>
      this.#admission.mayPublish(request),
    )
    let stream = this.registry.open(request.name)
    try {
      const options = takeover === undefined ? this.#options : { ...this.#options, takeover }
      // Waits only if it must: who replaces at once must not be overtaken meanwhile.
      const freed = freeForPublisher(stream, request, options)
      if (freed !== undefined) {
        await freed
      }
      // While it waited, or when the other was revoked, the stream may have been freed or have begun to linger.
      stream = this.registry.open(request.name)
      const publication = stream.publish(request, {
        onRevoked: (reason) => source.onRevoked(reason),
      })
      this.#announcePublication(request, publication, stream)
      return publication
    } catch (error) {
      this.registry.release(stream)
      throw error
    }
  }

  /**
   * Admits a player. The stream is made if there is none: who comes first waits.
   * @throws RejectedError with the reason if admission says no
   */
  async play(request: StreamRequest): Promise<Viewing> {
    await this.#requireAllowed('play', request, () => this.#admission.mayPlay(request))
    const stream = this.registry.open(request.name)
    const removeViewer = stream.addViewer(request.client)
    const key = streamKey(request.name)
    this.#logger.info(
      { client: request.client.id, stream: key, protocol: request.client.protocol },
      'play started',
    )
    this.#tell('onPlay', () => this.#events.onPlay(request))
    let ended = false
    return {
      stream,
      end: (reason) => {
        if (ended) {
          return
        }
        ended = true
        removeViewer()
        this.#logger.info({ client: request.client.id, stream: key, reason: reason.message }, 'play stopped')
        this.#tell('onStop', () => this.#events.onStop(request, reason))
      },
    }
  }

  async #requireAllowed(
    action: string,
    request: StreamRequest,
    ask: () => Promise<Decision>,
  ): Promise<Permission> {
    let decision: Decision
    try {
      decision = await ask()
    } catch (error) {
      const cause = toError(error)
      this.#logger.warn({ client: request.client.id, error: cause }, `admission failed, ${action} is refused`)
      throw new RejectedError(`${action} refused: admission failed: ${cause.message}`, { cause })
    }
    if (!decision.allowed) {
      throw new RejectedError(`${action} refused: ${decision.reason}`)
    }
    return decision
  }

  #announcePublication(request: StreamRequest, publication: Publication, stream: Stream): void {
    const fields = { client: request.client.id, stream: stream.key }
    this.#logger.info(
      { ...fields, address: request.client.address, protocol: request.client.protocol },
      'publish started',
    )
    this.#tell('onPublish', () => this.#events.onPublish(request))
    publication.onEnd = (reason) => {
      const { firstDroppedReason } = publication
      this.#logger.info(
        { ...fields, reason: reason.message, ...(firstDroppedReason === null ? {} : { firstDroppedReason }) },
        'publish stopped',
      )
      this.#tell('onUnpublish', () => this.#events.onUnpublish(request, reason))
    }
  }

  #tell(event: string, tell: () => Promise<void>): void {
    // Within a promise, so that a listener that throws at once is caught, too.
    const told = new Promise<void>((resolve) => resolve(tell()))
    told.catch((error: unknown) => this.#logger.error({ event, error: toError(error) }, 'a listener failed'))
  }
}
