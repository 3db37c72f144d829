import { listWith, type Ms } from '../base/index.ts'
import type { ConnectionTotals } from './client-connection.ts'

/** Averages go back so far, ms. */
export const AVERAGE_MS = 30_000

/** How often the counters are looked at for them, ms. */
export const SAMPLE_INTERVAL_MS = 10_000

/** Looks that are kept: one more than fit into the time, so that the oldest is not too young. */
const SAMPLES = AVERAGE_MS / SAMPLE_INTERVAL_MS + 1

/** A look at the counters. */
type Sample = Readonly<{ at: Ms; bytesReceived: number; bytesSent: number }>

/** Bits a second over the last `AVERAGE_MS`, or since the start if that is later. */
export type TrafficRates = Readonly<{
  /** From the client, kbit/s. */
  receivedKbps: number
  /** To the client, kbit/s. */
  sentKbps: number
}>

/** A span that is shorter says nothing, ms. */
const MIN_SPAN_MS = 1_000

/** Averages of a connection's counters, which are looked at now and then: whoever counts bytes knows nothing of it. */
export class TrafficAverage {
  #samples: readonly Sample[]

  /** @param startedAt when the counters were 0 */
  constructor(startedAt: Ms) {
    this.#samples = [{ at: startedAt, bytesReceived: 0, bytesSent: 0 }]
  }

  /** Takes the counters as of now; to be called every `SAMPLE_INTERVAL_MS`. */
  sample(at: Ms, { bytesReceived, bytesSent }: ConnectionTotals): void {
    this.#samples = listWith(this.#samples.slice(1 - SAMPLES), { at, bytesReceived, bytesSent })
  }

  /** The averages as of now; 0 within the first second. */
  rates(now: Ms, { bytesReceived, bytesSent }: ConnectionTotals): TrafficRates {
    const since = this.#samples.find(({ at }) => now - at <= AVERAGE_MS + SAMPLE_INTERVAL_MS)
    const spanMs = since === undefined ? 0 : now - since.at
    if (since === undefined || spanMs < MIN_SPAN_MS) {
      return { receivedKbps: 0, sentKbps: 0 }
    }
    const kbps = (bytes: number): number => Math.round((bytes * 8) / spanMs)
    return {
      receivedKbps: kbps(bytesReceived - since.bytesReceived),
      sentKbps: kbps(bytesSent - since.bytesSent),
    }
  }
}
