import { type Clock, type Logger, RejectedError } from '../base/index.ts'
import type { StreamRequest } from './client.ts'
import type { ClientConnection, PlayProgress } from './client-connection.ts'
import { ClientDirectory } from './clients.ts'
import { Gatekeeper, hasLeft, requirePresent } from './gatekeeper.ts'
import { LiveReports } from './live-reports.ts'
import {
  type Absence,
  type Admission,
  noStreamSupply,
  type Permission,
  type Refusal,
  type Source,
  type StreamEvents,
  type StreamSupply,
  type Takeover,
} from './ports.ts'
import type { Publication } from './publication.ts'
import type { Client, ClientActivity, ClientRole } from './server-client.ts'
import type { EndReason } from './sink.ts'
import type { Stream } from './stream.ts'
import { parseStreamName, type StreamName } from './stream-name.ts'
import type { StreamRegistry } from './stream-registry.ts'
import { freeForPublisher } from './takeover.ts'

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
  /** Who this server is among servers that relay streams: unique and the same for as long as it runs. Default: nobody. */
  relayId?: string
  /** Times clients. */
  clock: Clock
}>

/** One viewer's time on a stream. */
export type Viewing = Readonly<{
  /** What it plays. */
  stream: Stream
  /** Whether the permission also holds for this address. */
  holdsFor(address: string): boolean
  /** Tells who looks how far the player has come, from now on. */
  report(progress: PlayProgress): void
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
  /** Everybody who publishes or plays, or has asked to. */
  readonly clients: ClientDirectory
  readonly #gatekeeper: Gatekeeper
  readonly #reports: LiveReports
  /** Where streams come from that nobody publishes here. Set by the composition root. */
  supply: StreamSupply = noStreamSupply
  /**
   * Whether nothing need come from a publisher, who is not ended then because nothing does: a program of this server whose own source has
   * nothing at the moment. Set by the composition root.
   */
  mayBeSilent: (request: StreamRequest) => boolean = () => false
  /** Who this server is among servers that relay streams; '' if it is none. */
  readonly relayId: string

  /** Made by the composition root. */
  constructor(setup: LiveServiceSetup) {
    this.registry = setup.registry
    this.#reports = new LiveReports(setup.events, setup.logger)
    this.relayId = setup.relayId ?? ''
    this.#gatekeeper = new Gatekeeper({ ...setup, reports: this.#reports, relayId: this.relayId })
    this.clients = new ClientDirectory(setup.clock, setup.logger)
    this.clients.on('removed', (client) => this.#tellGone(client))
  }

  /**
   * What a stream is called that is asked for, whether or not its virtual host lets anybody in.
   * @param vhost virtual host that is asked for; '' for none
   * @param path e.g. 'live/demo'
   * @throws ProtocolError if `path` names no stream
   */
  nameStream(vhost: string, path: string): StreamName {
    return parseStreamName(path, this.registry.vhosts.nameFor(vhost))
  }

  /**
   * Refuses a client whose virtual host lets nobody in, for protocols that look before they ask to play; `publish` and `play` do so
   * themselves.
   * @throws RejectedError with the reason
   */
  requireVhost(action: Refusal['action'], request: StreamRequest): void {
    this.#gatekeeper.requireVhost(action, request)
  }

  /**
   * Admits a publisher and begins its publication.
   * @param connection null if it has none
   * @param ownTakeover what becomes of it if somebody publishes the stream already, whatever admission says. Default: what that says
   * @throws RejectedError with the reason if admission says no, or somebody else publishes and is not silent
   */
  async publish(
    request: StreamRequest,
    source: Source,
    connection: ClientConnection | null = null,
    ownTakeover?: Takeover,
  ): Promise<Publication> {
    return await this.#enter('publisher', request, connection, async (client, activity) => {
      const permission = await this.#gatekeeper.requireAllowed('publish', request, client)
      const takeover = ownTakeover ?? permission.takeover
      return await this.#tellAbandoned('publish', request, async () => {
        requirePresent(client)
        return await this.#tellRefusal('publish', request, client, () =>
          this.#publish(request, source, takeover, client, activity),
        )
      })
    })
  }

  async #publish(
    request: StreamRequest,
    source: Source,
    takeover: Takeover | undefined,
    client: Client,
    activity: ClientActivity,
  ): Promise<Publication> {
    const asked = this.supply.takeOnward(request)
    const onward = asked === null ? null : await asked
    let stream: Stream
    try {
      requirePresent(client)
      stream = this.registry.open(request.name)
    } catch (error) {
      onward?.cancel()
      throw error
    }
    try {
      const { streams } = stream.vhost
      const options = takeover === undefined ? streams : { ...streams, takeover }
      // Waits only if it must: who replaces at once must not be overtaken meanwhile.
      const freed = freeForPublisher(stream, request, options, () => requirePresent(client))
      if (freed !== undefined) {
        await freed
      }
      requirePresent(client)
      // While it waited, or when the other was revoked, the stream may have been freed or have begun to linger.
      stream = this.registry.open(request.name)
      const publication = stream.publish(request, {
        onRevoked: (reason) => source.onRevoked(reason),
        onAwaited: () => source.onAwaited?.(),
      })
      this.#announcePublication(request, publication, stream, () => client.end(activity))
      onward?.begin(stream)
      client.start(activity, (reason) => publication.revoke(reason))
      return publication
    } catch (error) {
      onward?.cancel()
      this.registry.release(stream)
      throw error
    }
  }

  /**
   * Begins the publication of a stream that this server itself fetches: admission is not asked, and who publishes is never replaced.
   * @param connection null if it has none
   * @throws RejectedError if somebody publishes it, or there is no room
   */
  bring(request: StreamRequest, source: Source, connection: ClientConnection | null = null): Publication {
    const stream = this.registry.open(request.name)
    if (stream.publication !== null) {
      throw new RejectedError(`stream ${stream.key} is published here by ${stream.publication.client.id}`)
    }
    const publication = stream.publish(request, source)
    const { client, activity } = this.clients.enter('publisher', request, connection)
    this.#announcePublication(request, publication, stream, () => client.end(activity))
    client.start(activity, (reason) => publication.revoke(reason))
    return publication
  }

  /**
   * Whether a viewer can be answered who has to be told when there is no such stream: it was published, or is fetched when
   * somebody asks for it.
   */
  mayHave(name: StreamName): boolean {
    return this.supply.supplies(name) || (this.registry.get(name)?.counters.publications ?? 0) > 0
  }

  /**
   * Waits for what a viewer plays to come, where it is to be fetched. Who has no way to be told that there is no such stream
   * needs not ask: it waits.
   * @param onGone calls a listener when the viewer has left, which ends the wait
   * @returns why it is not there; null if it is, if it was and is expected back, or if the viewer has left
   */
  async arrival({ stream }: Viewing, onGone: (listener: () => void) => void): Promise<Absence | null> {
    if (!this.supply.supplies(stream.name) || stream.publication !== null) {
      return null
    }
    const gone = new AbortController()
    onGone(() => gone.abort())
    try {
      return await this.supply.arrival(stream, gone.signal)
    } catch (error) {
      if (gone.signal.aborted) {
        return null
      }
      throw error
    }
  }

  /**
   * Admits a player. The stream is made if there is none: who comes first waits.
   * @param connection null if it has none
   * @throws RejectedError with the reason if admission says no
   */
  async play(request: StreamRequest, connection: ClientConnection | null = null): Promise<Viewing> {
    return await this.#enter('player', request, connection, async (client, activity) => {
      const permission = await this.#gatekeeper.requireAllowed('play', request, client)
      return await this.#tellAbandoned('play', request, async () => {
        requirePresent(client)
        const asked = this.supply.denial(request)
        // Who comes at once must not be overtaken, where there is nothing to wait for.
        const denial = asked instanceof Promise ? await asked : asked
        if (denial !== null) {
          throw this.#reports.refused('play', request, denial)
        }
        requirePresent(client)
        return await this.#tellRefusal('play', request, client, async () =>
          this.#play(request, permission, client, activity),
        )
      })
    })
  }

  /**
   * Tells the log and the events that a client is refused for a reason that its protocol has.
   * @returns the error to throw
   */
  refuse(action: Refusal['action'], request: StreamRequest, reason: string): RejectedError {
    return this.#reports.refused(action, request, { allowed: false, reason, link: request.client.protocol })
  }

  #play(
    request: StreamRequest,
    { holdsFor = () => true }: Permission,
    client: Client,
    activity: ClientActivity,
  ): Viewing {
    const stream = this.registry.open(request.name, 'play')
    this.supply.onViewer(stream, request)
    const own = request.pass === undefined ? {} : { isOwnProgram: true as const }
    const removeViewer = stream.addViewer({ ...request.client, ...own })
    this.#reports.playStarted(request)
    let ended = false
    const end = (reason: EndReason): void => {
      if (ended) {
        return
      }
      ended = true
      removeViewer()
      this.#reports.playStopped(request, reason)
      client.end(activity)
    }
    client.start(activity, end)
    return {
      stream,
      holdsFor,
      report: (progress) => {
        activity.progress = progress
      },
      end,
    }
  }

  /** Whoever asks for something is listed from then on: also while admission makes up its mind. */
  async #enter<T>(
    role: ClientRole,
    request: StreamRequest,
    connection: ClientConnection | null,
    begin: (client: Client, activity: ClientActivity) => Promise<T>,
  ): Promise<T> {
    const { client, activity } = this.clients.enter(role, request, connection)
    client.undecided++
    try {
      return await begin(client, activity)
    } catch (error) {
      client.end(activity)
      throw error
    } finally {
      client.undecided--
      if (client.gone) {
        this.#tellGone(client)
      }
    }
  }

  /** Who leaves while it is decided what it may do has left when that is decided: nothing is told of it after its end. */
  #tellGone(client: Client): void {
    if (client.undecided === 0) {
      this.#reports.closed(client, client.connections)
    }
  }

  /** Who was let in by admission, and then does not begin, is told as such. */
  async #tellAbandoned<T>(
    action: Refusal['action'],
    request: StreamRequest,
    begin: () => Promise<T>,
  ): Promise<T> {
    try {
      return await begin()
    } catch (error) {
      this.#reports.abandoned(action, request)
      throw error
    }
  }

  /** What the stream itself refuses is told as well. */
  async #tellRefusal<T>(
    action: Refusal['action'],
    request: StreamRequest,
    client: Client,
    begin: () => Promise<T>,
  ): Promise<T> {
    try {
      return await begin()
    } catch (error) {
      if (error instanceof RejectedError && !hasLeft(client)) {
        this.#reports.refused(action, request, { allowed: false, reason: error.message, link: 'stream' })
      }
      throw error
    }
  }

  #announcePublication(
    request: StreamRequest,
    publication: Publication,
    stream: Stream,
    onEnd: () => void,
  ): void {
    this.#reports.publishStarted(request)
    publication.onRelayTrail = (trail) => this.#gatekeeper.onRelayTrail(request, publication, trail)
    this.supply.onPublicationChange(stream)
    publication.onEnd = (reason) => {
      this.#reports.publishStopped(request, reason, publication.firstDroppedReason)
      onEnd()
      this.supply.onPublicationChange(stream)
    }
  }
}
