import { type Clock, type Logger, RejectedError } from '../../base/index.ts'
import type {
  Absence,
  Denial,
  EndReason,
  LiveService,
  Stream,
  StreamName,
  StreamRequest,
  Vhost,
  VhostFinder,
} from '../../live/index.ts'
import type { ServerHealth } from '../../net/index.ts'
import { askOrigins } from './ask-origins.ts'
import { EdgePull } from './edge-pull.ts'
import type { EdgeOptions } from './options.ts'
import { type OriginContext, originsOf } from './origins.ts'
import type { PullInfo } from './pull-info.ts'

/** Streams that are pulled at once at most; who asks for more is refused. */
export const MAX_PULLS = 2000

/** A virtual host, as far as edges need it. */
export type EdgeVhost = Vhost & Readonly<{ edge: EdgeOptions }>

/** What the pulls of an edge are made with. */
export type EdgePullsSetup = Readonly<{
  /** The door to the streams. */
  live: LiveService
  /** Say which streams come from elsewhere, and how. */
  vhosts: VhostFinder<EdgeVhost>
  /** What is known of the origins. */
  health: ServerHealth
  /** Times pulls, and what is remembered. */
  clock: Clock
  /** Told where streams come from, and why they don't. */
  logger: Logger
  /** Gives a new client's id, unique in this process. */
  nextClientId: () => string
  /** Streams that are pulled at once at most. Default `MAX_PULLS`. */
  maxPulls?: number
}> &
  OriginContext

/** The streams that an edge pulls: each while somebody watches it, once however many do. */
export class EdgePulls {
  readonly #setup: EdgePullsSetup
  readonly #pulls = new Map<Stream, EdgePull>()
  readonly #maxPulls: number

  /** Follows the streams of the registry. */
  constructor(setup: EdgePullsSetup) {
    this.#setup = setup
    this.#maxPulls = setup.maxPulls ?? MAX_PULLS
    const { registry } = setup.live
    registry.on('opened', (stream) => this.#add(stream))
    registry.on('ended', (stream, reason) => this.#remove(stream, reason))
  }

  /** What is known of each pull that does something, or has done. */
  get infos(): PullInfo[] {
    return [...this.#pulls.values()].map(({ info }) => info).filter(({ address }) => address !== null)
  }

  /** Pulls that go on, whatever they achieve. */
  get running(): number {
    let running = 0
    for (const pull of this.#pulls.values()) {
      running += pull.running ? 1 : 0
    }
    return running
  }

  /** Whether streams of that name are pulled. */
  supplies({ vhost }: StreamName): boolean {
    return this.#setup.vhosts.get(vhost)?.edge.mode === 'remote'
  }

  /** Why a viewer can't be let in; null if it can. */
  denial(request: StreamRequest): Promise<Denial | null> | Denial | null {
    const { name } = request
    const edge = this.#setup.vhosts.get(name.vhost)?.edge
    if (edge?.mode !== 'remote') {
      return null
    }
    const stream = this.#setup.live.registry.get(name)
    const isThere = stream !== undefined && (stream.publication !== null || this.#pulls.get(stream)?.running)
    if (!isThere && this.running >= this.#maxPulls) {
      const reason = `${this.#maxPulls} streams are pulled already (MAX_PULLS)`
      return { allowed: false, link: 'edge', code: 'edge_full', reason }
    }
    return edge.tokenTraverse
      ? askOrigins(originsOf(edge, request, this.#setup), request, this.#setup.health)
      : null
  }

  /** A viewer comes: what it asks with is what the stream is asked for with. */
  onViewer(stream: Stream, request: StreamRequest): void {
    this.#pulls.get(stream)?.onViewer(request)
  }

  /** Whether somebody publishes here may have changed. */
  onPublicationChange(stream: Stream): void {
    this.#pulls.get(stream)?.look()
  }

  /** Waits until a stream is published or known not to come for now. */
  async arrival(stream: Stream, signal: AbortSignal): Promise<Absence | null> {
    const pull = this.#pulls.get(stream)
    if (pull === undefined) {
      throw new RejectedError(`the stream ${stream.key} is over`)
    }
    return await pull.arrival(signal)
  }

  /** What virtual hosts say has changed: only pulls that it changes anything for connect anew. */
  update(): void {
    for (const stream of this.#setup.live.registry.streams) {
      const pull = this.#pulls.get(stream)
      if (pull === undefined) {
        this.#add(stream)
      } else {
        pull.update()
      }
    }
  }

  #add(stream: Stream): void {
    if (!stream.ended && this.supplies(stream.name)) {
      const pull = new EdgePull({ ...this.#setup, stream })
      this.#pulls.set(stream, pull)
      pull.look()
    }
  }

  #remove(stream: Stream, reason: EndReason): void {
    this.#pulls.get(stream)?.close(reason)
    this.#pulls.delete(stream)
  }
}
