import type { Ms } from '../base/index.ts'
import type { ConnectionTotals } from './client-connection.ts'

/** Averages go back so far, ms. */
export const AVERAGE_MS = 30_000

/** How often the counters are looked at for them, ms. */
export const SAMPLE_INTERVAL_MS = 10_000

/** Looks that are kept: one more than fit into the time, so that the oldest is not too young. */
const SAMPLES = AVERAGE_MS / SAMPLE_INTERVAL_MS + 1

/** Numbers of a look: when, bytes received, bytes sent. */
const SAMPLE_LENGTH = 3

/** Numbers of a row: its looks, the oldest first. */
const ROW_LENGTH = SAMPLES * SAMPLE_LENGTH

/** Rows of a table at first; as often as they don't suffice there are twice as many. */
const FIRST_ROWS = 64

/** A span that is shorter says nothing, ms. */
const MIN_SPAN_MS = 1_000

/** Bits a second over the last `AVERAGE_MS`, or since the start if that is later. */
export type TrafficRates = Readonly<{
  /** From the client, kbit/s. */
  receivedKbps: number
  /** To the client, kbit/s. */
  sentKbps: number
}>

/**
 * Averages of many counters of bytes, which are looked at now and then: whoever counts knows nothing of it. All looks stand in one
 * array, row behind row: of thousands that are asked for one after the other, each is where the processor expects it, and none is
 * garbage when it is too old.
 */
export class TrafficTable {
  #numbers = new Float64Array(FIRST_ROWS * ROW_LENGTH)
  #rows = 0
  readonly #free: number[] = []

  /**
   * Begins a row.
   * @param startedAt when its counters were 0
   * @returns its number, until `remove`: small, and used again
   */
  add(startedAt: Ms): number {
    const row = this.#free.pop() ?? this.#rows++
    if (this.#numbers.length < this.#rows * ROW_LENGTH) {
      const numbers = new Float64Array(this.#numbers.length * 2)
      numbers.set(this.#numbers)
      this.#numbers = numbers
    }
    const begin = row * ROW_LENGTH
    this.#numbers.fill(Number.NEGATIVE_INFINITY, begin, begin + ROW_LENGTH)
    this.#append(row, startedAt, 0, 0)
    return row
  }

  /** Ends a row: to be called once. */
  remove(row: number): void {
    this.#free.push(row)
  }

  /** Takes the counters of a row as of now; to be called every `SAMPLE_INTERVAL_MS`. */
  sample(row: number, at: Ms, { bytesReceived, bytesSent }: ConnectionTotals): void {
    const begin = row * ROW_LENGTH
    this.#numbers.copyWithin(begin, begin + SAMPLE_LENGTH, begin + ROW_LENGTH)
    this.#append(row, at, bytesReceived, bytesSent)
  }

  /** The average of what was received, kbit/s as of now; 0 within the first second. */
  receivedKbps(row: number, now: Ms, bytesReceived: number): number {
    return this.#kbps(row, now, bytesReceived, 1)
  }

  /** The average of what was sent, kbit/s as of now; 0 within the first second. */
  sentKbps(row: number, now: Ms, bytesSent: number): number {
    return this.#kbps(row, now, bytesSent, 2)
  }

  /** Both averages. */
  rates(row: number, now: Ms, { bytesReceived, bytesSent }: ConnectionTotals): TrafficRates {
    return {
      receivedKbps: this.receivedKbps(row, now, bytesReceived),
      sentKbps: this.sentKbps(row, now, bytesSent),
    }
  }

  /** @param place of the counter in a look */
  #kbps(row: number, now: Ms, bytes: number, place: number): number {
    const numbers = this.#numbers
    const end = (row + 1) * ROW_LENGTH
    for (let at = row * ROW_LENGTH; at < end; at += SAMPLE_LENGTH) {
      const spanMs = now - (numbers[at] ?? 0)
      if (spanMs <= AVERAGE_MS + SAMPLE_INTERVAL_MS) {
        return spanMs < MIN_SPAN_MS ? 0 : Math.round(((bytes - (numbers[at + place] ?? 0)) * 8) / spanMs)
      }
    }
    return 0
  }

  #append(row: number, at: Ms, bytesReceived: number, bytesSent: number): void {
    const end = (row + 1) * ROW_LENGTH
    this.#numbers[end - 3] = at
    this.#numbers[end - 2] = bytesReceived
    this.#numbers[end - 1] = bytesSent
  }
}
