import { BlockList, isIP } from 'node:net'
import { ServerError } from '../base/index.ts'
import { plainAddress, UNIX_PEER } from './peer.ts'

/** This machine: what connects from it is trusted by default. */
export const LOOPBACK_ADDRESSES: readonly string[] = ['127.0.0.0/8', '::1']

/** IP addresses and networks, such as `192.0.2.1`, `10.0.0.0/8` and `2001:db8::/32` (RFC 4632, 3.1; RFC 4291, 2.3). */
export class AddressList {
  readonly #list = new BlockList()

  /**
   * @param entries addresses and networks
   * @param option the option they are from, named in the error
   * @throws ServerError ERR_CONFIGURATION naming the one that is neither
   */
  constructor(entries: readonly string[], option: string) {
    for (const entry of entries) {
      this.#add(entry, option)
    }
  }

  /** Whether an address is one of them or within one of them. */
  has(address: string): boolean {
    const plain = plainAddress(address)
    const version = isIP(plain)
    return version !== 0 && this.#list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }

  #add(entry: string, option: string): void {
    const [address = '', prefix, ...rest] = entry.split('/')
    const version = isIP(address)
    const bits = prefix === undefined ? undefined : Number(prefix)
    const most = version === 4 ? 32 : 128
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(prefix ?? '') && bits <= most)
    if (version === 0 || rest.length > 0 || !isPrefix) {
      throw new ServerError(
        'ERR_CONFIGURATION',
        `${option}: '${entry}' is no IP address or network such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32`,
      )
    }
    const type = version === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) {
      this.#list.addAddress(address, type)
    } else {
      this.#list.addSubnet(address, bits, type)
    }
  }
}

const LOOPBACK = new AddressList(LOOPBACK_ADDRESSES, 'loopback')

/** Whether the peer of an address is on this machine: it came by the loopback interface, or a Unix socket. */
export function isThisMachine(address: string): boolean {
  return address === UNIX_PEER.address || LOOPBACK.has(address)
}
