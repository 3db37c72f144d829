import { type Logger, silentLogger } from '../../base/index.ts'
import type { StreamRequest } from '../client.ts'
import type { ConnectionTotals } from '../client-connection.ts'
import { LiveService } from '../live-service.ts'
import { type Admission, openAdmission, type Refusal, type StreamEvents } from '../ports.ts'
import type { EndReason } from '../sink.ts'
import type { StreamOptions } from '../stream-options.ts'
import { StreamRegistry } from '../stream-registry.ts'
import { Vhosts } from '../vhosts.ts'
import { FakeClock } from './fake-clock.ts'
import { vhostWith } from './vhosts.ts'

/** What a live service tells its listeners: `publish p1`, `unpublish p1: reason` and the like. */
export class RecordingEvents implements StreamEvents {
  readonly told: string[] = []
  /** Connections that ended, `close p1: 100 in, 200 out`. */
  readonly closed: string[] = []

  async onPublish(request: StreamRequest): Promise<void> {
    this.told.push(`publish ${request.client.id}`)
  }

  async onUnpublish(request: StreamRequest, reason: EndReason): Promise<void> {
    this.told.push(`unpublish ${request.client.id}: ${reason.message}`)
  }

  async onPlay(request: StreamRequest): Promise<void> {
    this.told.push(`play ${request.client.id}`)
  }

  async onStop(request: StreamRequest, reason: EndReason): Promise<void> {
    this.told.push(`stop ${request.client.id}: ${reason.message}`)
  }

  async onAbandoned(action: Refusal['action'], request: StreamRequest): Promise<void> {
    this.told.push(`abandoned ${request.client.id} to ${action}`)
  }

  async onClose(request: StreamRequest, { bytesReceived, bytesSent }: ConnectionTotals): Promise<void> {
    this.closed.push(`close ${request.client.id}: ${bytesReceived} in, ${bytesSent} out`)
  }

  async onRefused({ action, request, link, code, reason }: Refusal): Promise<void> {
    this.told.push(`refused ${request.client.id} to ${action}: ${link} ${code}: ${reason}`)
  }
}

/** What a `LiveRig` is made with. */
export type LiveRigOptions = Readonly<{
  admission?: Partial<Admission>
  events?: StreamEvents
  streams?: Partial<StreamOptions>
  maxStreams?: number
}>

/** A live service whose clock, admission and listeners are in the test's hands. */
export class LiveRig {
  readonly clock: FakeClock = new FakeClock()
  readonly events: RecordingEvents = new RecordingEvents()
  readonly logged: string[] = []
  readonly vhosts: Vhosts
  readonly registry: StreamRegistry
  readonly live: LiveService

  constructor(options: LiveRigOptions = {}) {
    this.vhosts = new Vhosts([vhostWith({ takeoverSilenceMs: 30, ...options.streams })])
    this.registry = new StreamRegistry({
      vhosts: this.vhosts,
      maxStreams: options.maxStreams,
      clock: this.clock,
    })
    this.live = new LiveService({
      registry: this.registry,
      admission: { ...openAdmission, ...options.admission },
      events: options.events ?? this.events,
      logger: this.#logger(),
      relayId: 'me',
      clock: this.clock,
    })
  }

  #logger(): Logger {
    const log =
      (level: string) =>
      (_fields: object, message: string): void => {
        this.logged.push(`${level}: ${message}`)
      }
    return { ...silentLogger, info: log('info'), warn: log('warn'), error: log('error') }
  }
}
