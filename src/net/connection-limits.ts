import type { Clock } from '../base/index.ts'
import { AddressList, LOOPBACK_ADDRESSES } from './address-list.ts'
import { UNIX_PEER } from './peer.ts'
import { networkOf, type Place, placeOf } from './places.ts'

/** How many connections are taken, of everybody and of one address. IPv6 addresses of one /64 network count as one. */
export type ConnectionLimitOptions = Readonly<{
  /** Connections at once, of every listener together. Default 50 000. */
  maxConnections: number
  /** Connections at once from one address. Default 5000. */
  maxConnectionsPerAddress: number
  /** New connections a second from one address, in the long run. Default 100. */
  connectRatePerAddress: number
  /** New connections from one address that may come at once before the rate counts. Default 2000. */
  connectBurstPerAddress: number
  /**
   * Addresses and networks to which the limits per address don't apply, and whose X-Forwarded-For and X-Real-IP are believed:
   * proxies, monitors. Default: this machine.
   */
  trustedAddresses: readonly string[]
}>

/** The defaults of `ConnectionLimitOptions`. */
export const defaultConnectionLimits: ConnectionLimitOptions = {
  maxConnections: 50_000,
  maxConnectionsPerAddress: 5_000,
  connectRatePerAddress: 100,
  connectBurstPerAddress: 2_000,
  trustedAddresses: LOOPBACK_ADDRESSES,
}

/** Addresses without a connection that are remembered for the rate; past it the oldest are forgotten. */
export const MAX_REMEMBERED_ADDRESSES = 100_000

/** What is known of an address. */
type Usage = {
  connections: number
  /** Connections that may come at once, at the time `at`. */
  tokens: number
  at: number
}

/** Counts connections against the limits. Synchronous, and knows no sockets. */
export class ConnectionLimits {
  #options: ConnectionLimitOptions
  readonly #clock: Clock
  #trusted: AddressList
  readonly #usages = new Map<string, Usage>()
  #connections = 0

  /** @throws ServerError ERR_CONFIGURATION if an entry of `trustedAddresses` is no address */
  constructor(options: ConnectionLimitOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#trusted = new AddressList(options.trustedAddresses, 'trustedAddresses')
  }

  /**
   * Counts by other options from now on; who is connected stays, even if there are more than these allow.
   * @throws ServerError ERR_CONFIGURATION if an entry of `trustedAddresses` is no address
   */
  useOptions(options: ConnectionLimitOptions): void {
    this.#trusted = new AddressList(options.trustedAddresses, 'trustedAddresses')
    this.#options = options
  }

  /** Connections at present. */
  get connections(): number {
    return this.#connections
  }

  /** Addresses that are remembered. */
  get rememberedAddresses(): number {
    return this.#usages.size
  }

  /** Whether an address has as many places as it likes, and says who its clients are: one of `trustedAddresses`, or a Unix socket. */
  readonly trusts = (address: string): boolean => address === UNIX_PEER.address || this.#trusted.has(address)

  /** Takes a place among all connections. Returns the reason if there is none. */
  takePlace(): Place | string {
    const { maxConnections } = this.#options
    if (this.#connections >= maxConnections) {
      return `there are ${this.#connections} connections already (maxConnections)`
    }
    this.#connections++
    return placeOf(() => {
      this.#connections--
    })
  }

  /** Takes a place among those of an address. Returns the reason if there is none, null if those of this one are not counted. */
  takePlaceOf(address: string): Place | string | null {
    if (this.#trusted.has(address)) {
      return null
    }
    const key = networkOf(address)
    const usage = this.#usageOf(key)
    const { maxConnectionsPerAddress, connectRatePerAddress, connectBurstPerAddress } = this.#options
    if (usage.connections >= maxConnectionsPerAddress) {
      return `${usage.connections} connections are from ${key} already (maxConnectionsPerAddress)`
    }
    if (usage.tokens < 1) {
      return `${key} connects more often than ${connectRatePerAddress} times a second (connectRatePerAddress) after ${connectBurstPerAddress} at once (connectBurstPerAddress)`
    }
    usage.tokens--
    usage.connections++
    return placeOf(() => {
      usage.connections--
      this.#forgetIfIdle(key, usage)
    })
  }

  /** The usage of an address, as of now, and the newest of all. */
  #usageOf(key: string): Usage {
    const { connectBurstPerAddress } = this.#options
    const usage = this.#usages.get(key) ?? {
      connections: 0,
      tokens: connectBurstPerAddress,
      at: this.#clock.now(),
    }
    this.#refill(usage)
    this.#usages.delete(key)
    this.#usages.set(key, usage)
    this.#forgetOldest()
    return usage
  }

  #refill(usage: Usage): void {
    const { connectRatePerAddress, connectBurstPerAddress } = this.#options
    const now = this.#clock.now()
    const gained = ((now - usage.at) / 1000) * connectRatePerAddress
    usage.tokens = Math.min(connectBurstPerAddress, usage.tokens + gained)
    usage.at = now
  }

  #forgetIfIdle(key: string, usage: Usage): void {
    this.#refill(usage)
    if (usage.connections === 0 && usage.tokens >= this.#options.connectBurstPerAddress) {
      this.#usages.delete(key)
    }
  }

  /** Who has connected from many addresses must not fill the memory; those that are connected are never forgotten. */
  #forgetOldest(): void {
    if (this.#usages.size <= MAX_REMEMBERED_ADDRESSES) {
      return
    }
    for (const [key, { connections }] of this.#usages) {
      if (connections === 0) {
        this.#usages.delete(key)
        return
      }
    }
  }
}
