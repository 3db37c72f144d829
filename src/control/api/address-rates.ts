import { type Clock, RateLimit, type RateLimitOptions } from '../../base/index.ts'
import { networkOf } from '../../net/index.ts'

/** Addresses whose calls are remembered; past it the one is forgotten that has not called for the longest time. */
export const MAX_REMEMBERED_CALLERS = 10_000

/** A rate for each address; IPv6 addresses of one /64 network share theirs. */
export class AddressRates {
  readonly #options: RateLimitOptions
  readonly #clock: Clock
  readonly #rates = new Map<string, RateLimit>()

  /** @param clock times what may happen again */
  constructor(options: RateLimitOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** Counts once more. Returns whether that is within the limit of that address. */
  take(address: string): boolean {
    return this.#rateOf(address).take()
  }

  /** Whether it would be; counts nothing. */
  has(address: string): boolean {
    return this.#rates.get(networkOf(address))?.has() ?? true
  }

  #rateOf(address: string): RateLimit {
    const network = networkOf(address)
    const rate = this.#rates.get(network) ?? new RateLimit(this.#options, this.#clock)
    // The newest is last.
    this.#rates.delete(network)
    this.#rates.set(network, rate)
    const [oldest] = this.#rates.keys()
    if (this.#rates.size > MAX_REMEMBERED_CALLERS && oldest !== undefined) {
      this.#rates.delete(oldest)
    }
    return rate
  }
}
