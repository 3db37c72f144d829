import type { ConsoleStream, Summary } from '../api/answers.ts'
import { BitRate } from './rate.ts'
import { TimeSeries } from './time-series.ts'

/** At one reading a second at most. */
const CAPACITY = 660
const MIN_SAMPLE_MS = 900

/** Columns of `ServerHistory.series`. */
export const SERVER_COLUMNS = {
  received: 0,
  sent: 1,
  publishers: 2,
  players: 3,
  processCpu: 4,
  systemCpu: 5,
  memory: 6,
  loopDelay: 7,
  loopUtilization: 8,
} as const

/** Columns of `StreamHistory.series`. */
export const STREAM_COLUMNS = { received: 0, sent: 1, players: 2, frameRate: 3 } as const

/** What is counted of the streams. */
export type Head = Readonly<{ publishers: number; players: number }>

/** The server over the last ten minutes. */
export class ServerHistory {
  /** See `SERVER_COLUMNS`: bits a second, counts, parts of one processor or of all, MiB, ms. */
  readonly series: TimeSeries = new TimeSeries(9, CAPACITY)
  readonly #received = new BitRate()
  readonly #sent = new BitRate()

  /** Adds what the server said last. */
  add({ now_ms, self, system }: Summary, head: Head | null): void {
    const { event_loop } = self
    this.series.push(now_ms, [
      this.#received.add(system.srs_sample_time, system.srs_recv_bytes),
      this.#sent.add(system.srs_sample_time, system.srs_send_bytes),
      head?.publishers ?? null,
      head?.players ?? null,
      self.cpu_percent,
      system.cpu_percent,
      self.mem_kbyte / 1024,
      event_loop.delay_p99_ms,
      event_loop.utilization,
    ])
  }
}

/** One stream over the last ten minutes. */
export class StreamHistory {
  /** See `STREAM_COLUMNS`: bits a second, a count, frames a second. */
  readonly series: TimeSeries = new TimeSeries(4, CAPACITY)
  readonly #received = new BitRate()
  readonly #sent = new BitRate()
  #at = Number.NEGATIVE_INFINITY

  /** Adds what the server said last; news within a second of the last are left out. */
  add(stream: ConsoleStream): void {
    const { live_ms, publish, health } = stream
    if (live_ms - this.#at < MIN_SAMPLE_MS) {
      return
    }
    this.#at = live_ms
    this.series.push(live_ms, [
      this.#received.add(live_ms, stream.recv_bytes),
      this.#sent.add(live_ms, stream.send_bytes),
      playersOf(stream),
      publish.active ? (health?.frame_rate ?? null) : null,
    ])
  }
}

/** Histories of streams by id; of those that are gone nothing is kept. */
export class StreamHistories {
  #histories = new Map<string, StreamHistory>()

  /** Adds what the server said last: all streams. */
  add(streams: readonly ConsoleStream[]): void {
    this.#histories = new Map(
      streams.map((stream) => {
        const history = this.#histories.get(stream.id) ?? new StreamHistory()
        history.add(stream)
        return [stream.id, history]
      }),
    )
  }

  /** That of one stream; undefined if it has none. */
  of(id: string): StreamHistory | undefined {
    return this.#histories.get(id)
  }
}

/** Who watches a stream: all but its publisher. */
export function playersOf({ clients, publish }: ConsoleStream): number {
  return Math.max(0, clients - (publish.active ? 1 : 0))
}

/** Counts publishers and players. */
export function countHead(streams: readonly ConsoleStream[]): Head {
  return {
    publishers: streams.filter((stream) => stream.publish.active).length,
    players: streams.reduce((sum, stream) => sum + playersOf(stream), 0),
  }
}
