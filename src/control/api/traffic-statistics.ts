import type { Clock } from '../../base/index.ts'
import {
  type ConnectionTotals,
  SAMPLE_INTERVAL_MS,
  type Stream,
  type StreamRegistry,
  type TrafficRates,
  TrafficTable,
} from '../../live/index.ts'

/** What a virtual host has done since the server started. */
type VhostTraffic = { ended: { bytesReceived: number; bytesSent: number }; row: number }

/**
 * Bytes of streams and virtual hosts over time: averages, and what virtual hosts have done in all, streams included that are gone. Who
 * counts bytes knows nothing of it: one timer looks at the counters while there are streams.
 */
export class TrafficStatistics {
  readonly #registry: StreamRegistry
  readonly #clock: Clock
  readonly #table = new TrafficTable()
  /** With the row of each in the table. */
  readonly #streams = new Map<Stream, number>()
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
    const row = this.#streams.get(stream)
    return row === undefined
      ? { receivedKbps: 0, sentKbps: 0 }
      : this.#table.rates(row, this.#clock.now(), stream.counters)
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
    return this.#table.rates(this.#vhost(vhost).row, this.#clock.now(), this.totalsOf(vhost))
  }

  /** Looks at the counters; happens by itself every `SAMPLE_INTERVAL_MS`. */
  sample(): void {
    const now = this.#clock.now()
    for (const [stream, row] of this.#streams) {
      this.#table.sample(row, now, stream.counters)
    }
    for (const [name, { row }] of this.#vhosts) {
      this.#table.sample(row, now, this.totalsOf(name))
    }
  }

  #onOpened(stream: Stream): void {
    this.#vhost(stream.name.vhost)
    this.#streams.set(stream, this.#table.add(this.#clock.now()))
    this.#timer ??= setInterval(() => this.sample(), SAMPLE_INTERVAL_MS).unref()
  }

  #onEnded(stream: Stream): void {
    const row = this.#streams.get(stream)
    if (row === undefined) {
      return
    }
    this.#streams.delete(stream)
    this.#table.remove(row)
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
      row: this.#table.add(this.#clock.now()),
    }
    this.#vhosts.set(name, traffic)
    return traffic
  }
}
