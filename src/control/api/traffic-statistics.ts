import type { Clock } from '../../base/index.ts'
import {
  type ConnectionTotals,
  SAMPLE_INTERVAL_MS,
  type Stream,
  type StreamRegistry,
  TrafficAverage,
  type TrafficRates,
} from '../../live/index.ts'

/** What a virtual host has done since the server started. */
type VhostTraffic = { ended: { bytesReceived: number; bytesSent: number }; average: TrafficAverage }

/**
 * Bytes of streams and virtual hosts over time: averages, and what virtual hosts have done in all, streams included that are gone. Who
 * counts bytes knows nothing of it: one timer looks at the counters while there are streams.
 */
export class TrafficStatistics {
  readonly #registry: StreamRegistry
  readonly #clock: Clock
  readonly #streams = new Map<Stream, TrafficAverage>()
  readonly #vhosts = new Map<string, VhostTraffic>()
  #timer: NodeJS.Timeout | null = null

  /** Watches the streams of a registry from now on. */
  constructor(registry: StreamRegistry, clock: Clock) {
    this.#registry = registry
    this.#clock = clock
    registry.on('opened', (stream) => this.#onOpened(stream))
    registry.on('ended', (stream) => this.#onEnded(stream))
  }

  /** Averages of a stream's last 30 s; 0 for one that is gone. */
  ratesOf(stream: Stream): TrafficRates {
    const rates = this.#streams.get(stream)?.rates(this.#clock.now(), stream.counters)
    return rates ?? { receivedKbps: 0, sentKbps: 0 }
  }

  /** Bytes of a virtual host's streams since the server started. */
  totalsOf(vhost: string): ConnectionTotals {
    let { bytesReceived, bytesSent } = this.#vhost(vhost).ended
    for (const { name, counters } of this.#streams.keys()) {
      if (name.vhost === vhost) {
        bytesReceived += counters.bytesReceived
        bytesSent += counters.bytesSent
      }
    }
    return { bytesReceived, bytesSent }
  }

  /** Averages of a virtual host's last 30 s. */
  ratesOfVhost(vhost: string): TrafficRates {
    return this.#vhost(vhost).average.rates(this.#clock.now(), this.totalsOf(vhost))
  }

  /** Looks at the counters; happens by itself every `SAMPLE_INTERVAL_MS`. */
  sample(): void {
    const now = this.#clock.now()
    for (const [stream, average] of this.#streams) {
      average.sample(now, stream.counters)
    }
    for (const [name, { average }] of this.#vhosts) {
      average.sample(now, this.totalsOf(name))
    }
  }

  #onOpened(stream: Stream): void {
    this.#vhost(stream.name.vhost)
    this.#streams.set(stream, new TrafficAverage(this.#clock.now()))
    this.#timer ??= setInterval(() => this.sample(), SAMPLE_INTERVAL_MS).unref()
  }

  #onEnded(stream: Stream): void {
    if (!this.#streams.delete(stream)) {
      return
    }
    const { ended } = this.#vhost(stream.name.vhost)
    ended.bytesReceived += stream.counters.bytesReceived
    ended.bytesSent += stream.counters.bytesSent
    if (this.#registry.streams.length === 0 && this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
  }

  #vhost(name: string): VhostTraffic {
    const known = this.#vhosts.get(name)
    if (known !== undefined) {
      return known
    }
    const traffic = {
      ended: { bytesReceived: 0, bytesSent: 0 },
      average: new TrafficAverage(this.#clock.now()),
    }
    this.#vhosts.set(name, traffic)
    return traffic
  }
}
