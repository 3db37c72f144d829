import { type Clock, type Logger, SERVER_NAME, VERSION } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { EdgePush, type PushOrigin, resolveDestination } from '../delivery/index.ts'
import { EdgePulls, nameAtOrigin, type PullInfo, pushServersOf } from '../ingest/index.ts'
import {
  type Absence,
  type Denial,
  type LiveService,
  type Onward,
  type RelayStatus,
  type Stream,
  type StreamName,
  type StreamRequest,
  type StreamSupply,
  streamKey,
  type Vhosts,
} from '../live/index.ts'
import type { Amf0Object } from '../media/index.ts'
import { ServerHealth } from '../net/index.ts'
import { RtmpPublisher, type RtmpPublisherOptions } from '../rtmp/index.ts'

/** What an edge is made with. */
export type EdgeSetup = Readonly<{
  live: LiveService
  vhosts: Vhosts<ResolvedVhost>
  clock: Clock
  logger: Logger
  nextClientId: () => string
}>

/** What virtual hosts that are edges need: their streams are pulled from origins, and pushed to them. */
export class Edge implements StreamSupply {
  readonly #setup: EdgeSetup
  readonly #health: ServerHealth
  readonly #pulls: EdgePulls
  /** What is pushed, by the publisher's request. */
  readonly #pushes = new Map<StreamRequest, EdgePush>()
  /** Streams by their keys, and publishers that are being asked about. */
  readonly #contested = new Map<string, number>()

  /** Follows the streams of `live`, whose supply it is to be made. */
  constructor(setup: EdgeSetup) {
    const { live, clock } = setup
    this.#setup = setup
    this.#health = new ServerHealth(clock)
    this.#pulls = new EdgePulls({
      ...setup,
      health: this.#health,
      whoAsks: () => whoAsks(live.relayId),
      trailFor: ({ relayTrail = [] }) => [...relayTrail, live.relayId],
    })
  }

  /** Every stream's way from an origin, and to one. */
  get relays(): RelayStatus[] {
    const pushes = [...this.#pushes.values()].map(({ status }) => status)
    return [...this.#pulls.infos.map(statusOf), ...pushes]
  }

  supplies(name: StreamName): boolean {
    return this.#pulls.supplies(name)
  }

  denial(request: StreamRequest): Promise<Denial | null> | Denial | null {
    return this.#pulls.denial(request)
  }

  onViewer(stream: Stream, request: StreamRequest): void {
    this.#pulls.onViewer(stream, request)
  }

  onPublicationChange(stream: Stream): void {
    this.#pulls.onPublicationChange(stream)
    for (const [request, push] of this.#pushes) {
      if (streamKey(request.name) === stream.key && stream.publication?.request !== request) {
        push.end()
      }
    }
  }

  arrival(stream: Stream, signal: AbortSignal): Promise<Absence | null> {
    return this.#pulls.arrival(stream, signal)
  }

  takeOnward(request: StreamRequest): Promise<Onward> | null {
    return this.supplies(request.name) ? this.#push(request) : null
  }

  /** What virtual hosts say has changed. */
  update(): void {
    this.#pulls.update()
    for (const [request, push] of this.#pushes) {
      if (this.supplies(request.name)) {
        push.update()
      } else {
        push.end()
      }
    }
  }

  /** Ends every push; resolves when nothing is left. Pulls end with their streams. */
  async close(): Promise<void> {
    await Promise.all([...this.#pushes.values()].map((push) => push.end()))
  }

  async #push(request: StreamRequest): Promise<Onward> {
    const { live, clock, logger, nextClientId } = this.#setup
    const key = streamKey(request.name)
    this.#contested.set(key, (this.#contested.get(key) ?? 0) + 1)
    try {
      const push = await EdgePush.open({
        id: nextClientId(),
        request,
        clock,
        logger,
        health: this.#health,
        origins: () => this.#pushOrigins(request),
        options: () => this.#pushOptions(request),
        trail: (stream) => [...(stream?.publication?.relayTrail ?? request.relayTrail ?? []), live.relayId],
        connect: (target, options) => RtmpPublisher.publish(target, options),
        isContested: () => this.#contested.has(key),
        onEnd: () => this.#pushes.delete(request),
      })
      this.#pushes.set(request, push)
      return push
    } finally {
      const others = (this.#contested.get(key) ?? 1) - 1
      if (others === 0) {
        this.#contested.delete(key)
      } else {
        this.#contested.set(key, others)
      }
    }
  }

  #pushOrigins(request: StreamRequest): PushOrigin[] {
    const { name, param } = request
    const edge = this.#setup.vhosts.get(name.vhost)?.edge
    if (edge === undefined) {
      return []
    }
    const stream = { name: nameAtOrigin(name, edge), param }
    return pushServersOf(edge, stream.name).map((server) => ({
      server,
      destination: resolveDestination(server, stream),
    }))
  }

  #pushOptions({ name, pageUrl }: StreamRequest): RtmpPublisherOptions {
    const edge = this.#setup.vhosts.get(name.vhost)?.edge
    const { connectTimeoutMs = 0, tellWhoAsks = false } = edge ?? {}
    return {
      connectTimeoutMs,
      handshakeTimeoutMs: connectTimeoutMs,
      connectProperties: pageUrl === '' ? {} : { pageUrl },
      connectArguments: tellWhoAsks ? [whoAsks(this.#setup.live.relayId)] : [],
    }
  }
}

function statusOf({
  id,
  stream,
  state,
  since,
  address,
  bytesReceived,
  frames,
  failures,
  failovers,
  lastError,
}: PullInfo): RelayStatus {
  return {
    id,
    kind: 'pull',
    stream,
    address: address ?? '',
    state: RELAY_STATES[state],
    since,
    failures,
    failovers,
    lastError,
    bytes: bytesReceived,
    frames,
    lagMs: 0,
    skips: 0,
  }
}

/** What a pull does, in the words for all relays. */
const RELAY_STATES = {
  idle: 'closed',
  connecting: 'connecting',
  // It has said yes, and there is no such stream yet.
  waiting: 'running',
  pulling: 'running',
  resting: 'waiting',
} as const

/** What an origin is told of who asks, in the words of SRS: `debug_srs_upnode`. */
function whoAsks(id: string): Amf0Object {
  return {
    srs_sig: 'SRS',
    srs_server: SERVER_NAME,
    srs_license: 'MIT',
    srs_version: VERSION,
    srs_pid: process.pid,
    srs_id: id,
  }
}
