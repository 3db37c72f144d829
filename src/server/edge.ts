import { type Clock, type Logger, SERVER_NAME, VERSION } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { EdgePulls, type PullInfo } from '../ingest/index.ts'
import type {
  Absence,
  LiveService,
  Onward,
  Stream,
  StreamName,
  StreamRequest,
  StreamSupply,
  Vhosts,
} from '../live/index.ts'
import type { Amf0Object } from '../media/index.ts'
import { ServerHealth } from '../net/index.ts'

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
  readonly #pulls: EdgePulls

  /** Serves the streams of `live` from now on. */
  constructor(setup: EdgeSetup) {
    const { live, clock } = setup
    this.#pulls = new EdgePulls({
      ...setup,
      health: new ServerHealth(clock),
      whoAsks: () => whoAsks(live.relayId),
      trailFor: ({ relayTrail = [] }) => [...relayTrail, live.relayId],
    })
    live.supply = this
  }

  /** What is known of the streams that are pulled, or were. */
  get pulls(): PullInfo[] {
    return this.#pulls.infos
  }

  /** Streams that are pulled, whatever comes of it. */
  get running(): number {
    return this.#pulls.running
  }

  supplies(name: StreamName): boolean {
    return this.#pulls.supplies(name)
  }

  denial(request: StreamRequest): string | null {
    return this.#pulls.denial(request)
  }

  onViewer(stream: Stream, request: StreamRequest): void {
    this.#pulls.onViewer(stream, request)
  }

  onPublicationChange(stream: Stream): void {
    this.#pulls.onPublicationChange(stream)
  }

  arrival(stream: Stream, signal: AbortSignal): Promise<Absence | null> {
    return this.#pulls.arrival(stream, signal)
  }

  takeOnward(_request: StreamRequest): Promise<Onward> | null {
    return null
  }

  /** What virtual hosts say has changed. */
  update(): void {
    this.#pulls.update()
  }
}

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
