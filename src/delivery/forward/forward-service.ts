import { type Clock, type Logger, RejectedError, toError } from '../../base/index.ts'
import type {
  Publication,
  RelayStatus,
  Stream,
  StreamRegistry,
  StreamRequest,
  Vhost,
  VhostFinder,
} from '../../live/index.ts'
import { RtmpPublisher } from '../../rtmp/index.ts'
import { type Destination, resolveDestination } from './destination.ts'
import { type ForwardConnect, ForwardOutput } from './forward-output.ts'
import { type ForwardOptions, requireFew } from './options.ts'

/** A virtual host, as far as forwarding needs it. */
export type ForwardVhost = Vhost & Readonly<{ forward: ForwardOptions }>

/** What the forward service is made with. */
export type ForwardServiceSetup = Readonly<{
  /** What is published. */
  registry: StreamRegistry
  /** Where it is to be sent. */
  vhosts: VhostFinder<ForwardVhost>
  /** Says for how long connections have lasted. */
  clock: Clock
  /** Told of each begin, failure and end. */
  logger: Logger
  /** Who this server is: `LiveService.relayId`. */
  relayId: string
  /**
   * Asks a backend where a stream is to be sent.
   * @throws Error if it can't be asked, or gives no list
   */
  askBackend: (url: string, request: StreamRequest) => Promise<readonly string[]>
  /** Publishes to a destination. Default: over RTMP. */
  connect?: ForwardConnect
}>

/** What becomes of one stream's way to one destination. */
export type ForwardChange = Readonly<{
  /** Its key. */
  stream: string
  /** Without secrets. */
  destination: string
  /** It goes on, comes to be or ends. */
  action: 'keep' | 'add' | 'remove'
}>

/** One publication, and where it is sent. */
type Forwarding = {
  readonly request: StreamRequest
  readonly stream: Stream
  readonly publication: Publication
  /** What the backend said when it was asked, and which that was; null if none was. */
  readonly answer: Readonly<{ backend: string; destinations: readonly string[] }> | null
  /** By the id of the destination. */
  readonly outputs: Map<string, ForwardOutput>
}

/** Sends what is published to other servers, too: begins and ends with each publication, and follows the settings. */
export class ForwardService {
  readonly #setup: ForwardServiceSetup
  readonly #connect: ForwardConnect
  readonly #forwardings = new Map<StreamRequest, Forwarding>()
  /** Backends' answers for publishers that are admitted and have yet to begin. */
  readonly #answers = new WeakMap<StreamRequest, NonNullable<Forwarding['answer']>>()
  /** Whose each destination is, from its first attempt until it is closed. */
  readonly #places = new Map<string, ForwardOutput>()
  readonly #closing = new Set<Promise<void>>()
  #lastId = 0

  /** Nothing is sent until something is published. */
  constructor(setup: ForwardServiceSetup) {
    this.#setup = setup
    this.#connect = setup.connect ?? ((target, options) => RtmpPublisher.publish(target, options))
  }

  /** Every stream's way to every destination, oldest first. */
  get relays(): RelayStatus[] {
    return [...this.#forwardings.values()].flatMap(({ outputs }) =>
      [...outputs.values()].map(({ status }) => status),
    )
  }

  /**
   * Asks the backend, if there is one, where a publisher's stream is to be sent; to be done last before it is admitted.
   * @throws RejectedError if the backend can't be asked: the publisher is to be refused, as by SRS
   */
  async prepare(request: StreamRequest): Promise<void> {
    const { enabled, backend } = this.#optionsOf(request.name.vhost)
    if (!enabled || backend === null) {
      return
    }
    try {
      const destinations = await this.#setup.askBackend(backend, request)
      requireFew(destinations.length)
      this.#answers.set(request, { backend, destinations })
    } catch (error) {
      throw new RejectedError(`the backend of forward failed: ${toError(error).message}`, { cause: error })
    }
  }

  /** A publisher begins. */
  begin(request: StreamRequest): void {
    const stream = this.#setup.registry.get(request.name)
    const publication = stream?.publication ?? null
    if (stream === undefined || publication?.request !== request) {
      return
    }
    const answer = this.#answers.get(request) ?? null
    this.#forwardings.set(request, { request, stream, publication, answer, outputs: new Map() })
    this.update()
  }

  /** A publisher is gone: what it published is unpublished everywhere. */
  end(request: StreamRequest): void {
    const forwarding = this.#forwardings.get(request)
    if (forwarding !== undefined) {
      this.#forwardings.delete(request)
      for (const output of forwarding.outputs.values()) {
        this.#close(output)
      }
    }
  }

  /** Settings have changed: what is wanted no more ends, what is new begins, and the rest goes on. */
  update(): void {
    for (const forwarding of this.#forwardings.values()) {
      const { outputs } = forwarding
      const wanted = this.#destinationsOf(forwarding, this.#setup.vhosts, true)
      for (const [id, output] of outputs) {
        if (!wanted.has(id)) {
          outputs.delete(id)
          this.#close(output)
        }
      }
      for (const [id, destination] of wanted) {
        if (!outputs.has(id)) {
          outputs.set(id, this.#open(forwarding, destination))
        }
      }
    }
  }

  /** What `update` would do if these were the virtual hosts. */
  plan(next: VhostFinder<ForwardVhost>): ForwardChange[] {
    return [...this.#forwardings.values()].flatMap((forwarding) => {
      const { outputs, stream } = forwarding
      const wanted = this.#destinationsOf(forwarding, next, false)
      const known = [...outputs.values()].map(({ destination: { id, shown } }): ForwardChange => {
        return { stream: stream.key, destination: shown, action: wanted.has(id) ? 'keep' : 'remove' }
      })
      const added = [...wanted.values()].filter(({ id }) => !outputs.has(id))
      return [
        ...known,
        ...added.map(({ shown }) => ({ stream: stream.key, destination: shown, action: 'add' as const })),
      ]
    })
  }

  /** Ends everything; resolves when nothing is left. */
  async close(): Promise<void> {
    for (const request of [...this.#forwardings.keys()]) {
      this.end(request)
    }
    await Promise.all(this.#closing)
  }

  #optionsOf(vhost: string, vhosts: VhostFinder<ForwardVhost> = this.#setup.vhosts): ForwardOptions {
    return (
      vhosts.get(vhost)?.forward ?? {
        enabled: false,
        destinations: [],
        backend: null,
        verifyCertificate: true,
      }
    )
  }

  #destinationsOf(
    { request, stream, answer }: Forwarding,
    vhosts: VhostFinder<ForwardVhost>,
    isTold: boolean,
  ): Map<string, Destination> {
    const { enabled, backend, destinations } = this.#optionsOf(stream.name.vhost, vhosts)
    const written = answer !== null && answer.backend === backend ? answer.destinations : destinations
    const resolved = new Map<string, Destination>()
    for (const each of enabled ? written : []) {
      try {
        const destination = resolveDestination(each, { name: stream.name, param: request.param })
        resolved.set(destination.id, destination)
      } catch (error) {
        if (isTold) {
          this.#setup.logger.warn({ stream: stream.key, reason: toError(error).message }, 'not forwarded')
        }
      }
    }
    return resolved
  }

  #open({ stream, publication }: Forwarding, destination: Destination): ForwardOutput {
    const { clock, logger, relayId } = this.#setup
    return new ForwardOutput({
      id: `f${++this.#lastId}`,
      stream,
      destination,
      trail: () => [...publication.relayTrail, relayId],
      options: () => {
        const { verifyCertificate } = this.#optionsOf(stream.name.vhost)
        return { tls: { rejectUnauthorized: verifyCertificate } }
      },
      connect: this.#connect,
      claim: (output) => this.#claim(output),
      clock,
      logger,
    })
  }

  #claim(output: ForwardOutput): string | null {
    const { id } = output.destination
    const holder = this.#places.get(id) ?? output
    this.#places.set(id, holder)
    return holder === output ? null : holder.stream.key
  }

  #close(output: ForwardOutput): void {
    const closing = output.close().then(() => this.#release(output))
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }

  /** Its place is free, and may be wanted: most often by the same stream, whose publisher has returned. */
  #release(output: ForwardOutput): void {
    const { id } = output.destination
    if (this.#places.get(id) === output) {
      this.#places.delete(id)
      for (const { outputs } of this.#forwardings.values()) {
        outputs.get(id)?.retryNow()
      }
    }
  }
}
