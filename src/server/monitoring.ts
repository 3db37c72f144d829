import type { Clock, Logger, ServerIdentity } from '../base/index.ts'
import {
  Api,
  type ApiAnswer,
  type Endpoint,
  Heartbeat,
  type HeartbeatOptions,
  type HeartbeatPorts,
  Metrics,
  type MetricsOptions,
  type MetricsPart,
  metricsEndpoint,
  type ProgramReadings,
  type Refusals,
  RuntimeReadings,
  readSummaries,
  type SystemOptions,
  SystemReadings,
  systemEndpoints,
  writeHookMetrics,
  writeProgramMetrics,
  writeRelayMetrics,
} from '../control/index.ts'
import { type HttpRequest, HttpRouter } from '../http/index.ts'
import type { LiveService, RelayStatus } from '../live/index.ts'
import type { ConnectionLimits } from '../net/index.ts'
import type { ServerHooks } from './hooks.ts'

/** What the monitoring of a server is made with. */
export type MonitoringSetup = Readonly<{
  identity: ServerIdentity
  live: LiveService
  refusals: Refusals
  limits: ConnectionLimits
  hooks: ServerHooks
  /** Relays to and from other servers. */
  relays: () => readonly RelayStatus[]
  /** Programs beside this server. */
  programs: ProgramReadings
  /** What is listened on. */
  ports: () => HeartbeatPorts
  /** Refuses who asks for metrics too often on a listener that has nothing else; null lets the request pass. */
  refuseFlood: (request: HttpRequest) => ApiAnswer | null
  logger: Logger
  clock: Clock
}>

/** What of a server's settings is about its monitoring. */
type MonitoringState = Readonly<{
  heartbeat: HeartbeatOptions | null
  metrics: MetricsOptions
  stats: SystemOptions
  settings: Readonly<{ exporter?: object }>
}>

/** How a server and its machine do: for the API, and for Prometheus. Costs nothing unless somebody asks. */
export class Monitoring {
  /** What a listener for Prometheus serves. */
  readonly router: HttpRouter = new HttpRouter()
  /** Rows for the table of the API. */
  readonly endpoints: readonly Endpoint[]
  readonly #system: SystemReadings
  readonly #runtime: RuntimeReadings
  readonly #metrics: Metrics
  readonly #heartbeat: Heartbeat
  #state: MonitoringState

  /** @param state until `use` */
  constructor(
    {
      identity,
      live,
      refusals,
      limits,
      hooks,
      relays,
      programs,
      ports,
      refuseFlood,
      logger,
      clock,
    }: MonitoringSetup,
    state: MonitoringState,
  ) {
    this.#state = state
    const { registry, clients } = live
    const startedAt = clock.wallTime()
    this.#system = new SystemReadings(clock, state.stats)
    this.#runtime = new RuntimeReadings(clock)
    const connections = (): number => limits.connections
    const system = this.#system
    const parts: readonly MetricsPart[] = [
      (writer) => writeHookMetrics(writer, { statistics: hooks.client.statistics, outbox: hooks.outbox }),
      (writer) => writeRelayMetrics(writer, relays()),
      (writer) => writeProgramMetrics(writer, programs),
    ]
    this.#metrics = new Metrics({ identity, registry, clients, refusals, system, connections, clock, parts })
    const metrics = metricsEndpoint(() =>
      this.#state.settings.exporter === undefined ? null : this.#metrics.scrape(this.#state.metrics),
    )
    const setupOfSystem = {
      system,
      runtime: this.#runtime,
      totals: () => {
        const { bytesReceived, bytesSent } = registry.totals
        return { startedAt, receivedBytes: bytesReceived, sentBytes: bytesSent, connections: connections() }
      },
      clock,
    }
    this.endpoints = [...systemEndpoints(setupOfSystem), metrics]
    const { client } = hooks
    const summaries = (): Promise<object> => readSummaries(setupOfSystem)
    this.#heartbeat = new Heartbeat({ identity, client, summaries, ports, logger })
    new Api({ identity, endpoints: [metrics] }).mount(this.router, refuseFlood)
  }

  /** Goes on with other settings. */
  use(state: MonitoringState): void {
    this.#state = state
    this.#system.update(state.stats)
    this.#heartbeat.use(state.heartbeat)
  }

  /** Measures nothing any more. Idempotent. */
  close(): void {
    this.#heartbeat.close()
    this.#metrics.close()
    this.#runtime.close()
  }
}
