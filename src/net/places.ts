import { isIPv6 } from 'node:net'
import { plainAddress } from './peer.ts'

/** A place for one of something of which there may be so many. */
export type Place = Readonly<{
  /** Gives it back; idempotent. */
  release(): void
}>

/** A number that bounds something, and what it is called. */
export type NamedLimit = Readonly<{
  /** As in the docs. */
  name: string
  /** How many at most. */
  value: number
}>

/** What there are places for. */
export type PlacesSetup = Readonly<{
  /** Their takers, for the reason when there is none; e.g. 'HLS viewers'. */
  takers: string
  /** Bounds how many are taken at once. */
  limit: NamedLimit
  /** Bounds how many one address has of them, so that it does not take them from everybody. */
  limitPerAddress: NamedLimit
  /** Whether an address may have as many as there are: a proxy's, behind which everybody is. */
  trusts: (address: string) => boolean
}>

/** Places of which each address has a share. IPv6 addresses of one /64 network share theirs. */
export class Places {
  readonly #setup: PlacesSetup
  readonly #byNetwork = new Map<string, number>()
  #taken = 0

  /** All are free at first. */
  constructor(setup: PlacesSetup) {
    this.#setup = setup
  }

  /** Takes one. Returns the reason if there is none for that address. */
  take(address: string): Place | string {
    const { takers, limit, limitPerAddress, trusts } = this.#setup
    if (this.#taken >= limit.value) {
      return `there are ${this.#taken} ${takers} already (${limit.name})`
    }
    const network = trusts(address) ? null : networkOf(address)
    const taken = network === null ? 0 : (this.#byNetwork.get(network) ?? 0)
    if (taken >= limitPerAddress.value) {
      return `${taken} ${takers} are from ${network} already (${limitPerAddress.name})`
    }
    this.#count(network, 1)
    return placeOf(() => this.#count(network, -1))
  }

  #count(network: string | null, change: 1 | -1): void {
    this.#taken += change
    if (network === null) {
      return
    }
    const taken = (this.#byNetwork.get(network) ?? 0) + change
    if (taken > 0) {
      this.#byNetwork.set(network, taken)
    } else {
      this.#byNetwork.delete(network)
    }
  }
}

/** A place that is given back by `release`, which is called once at most. */
export function placeOf(release: () => void): Place {
  let released = false
  return {
    release() {
      if (!released) {
        released = true
        release()
      }
    },
  }
}

/** One client has at least a /64 of IPv6 (RFC 6177): its addresses count together. */
export function networkOf(address: string): string {
  const plain = plainAddress(address)
  if (!isIPv6(plain)) {
    return plain
  }
  const [withoutZone = ''] = plain.split('%')
  const [head = '', tail] = withoutZone.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  // Dotted IPv4 at the end stands for two groups; it is not among the first four.
  const rightLength = right.length + (right.at(-1)?.includes('.') === true ? 1 : 0)
  const zeros = tail === undefined ? 0 : 8 - left.length - rightLength
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
