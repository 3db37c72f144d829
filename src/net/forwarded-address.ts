import { isIP, SocketAddress } from 'node:net'
import { isThisMachine } from './address-list.ts'
import { plainAddress } from './peer.ts'

/** Addresses of X-Forwarded-For that are read, from the right: proxies one behind the other. */
export const MAX_FORWARDED_ADDRESSES = 32

/** What HTTP proxies say of their clients; '' where nothing is said. */
export type ForwardedHeaders = Readonly<{
  /** X-Forwarded-For: each proxy adds, on the right, who connected to it. */
  forwardedFor: string
  /** X-Real-IP: one address, which counts where the other is not said. */
  realIp: string
}>

/**
 * The address of the client for whom a proxy asks. Only who is trusted is believed: from the right, to the first address that is
 * none of a trusted proxy. What stands left of it is what the client said, which may be anything.
 * @param address who is connected
 * @param trusts whether an address is that of a proxy whose word is taken
 * @returns as `Peer.address`; where a proxy says what is no address, the proxy's
 */
export function forwardedAddress(
  address: string,
  { forwardedFor, realIp }: ForwardedHeaders,
  trusts: (address: string) => boolean,
): string {
  if (forwardedFor === '' && realIp === '') {
    return address
  }
  const said = forwardedFor === '' ? [realIp] : forwardedFor.split(',').slice(-MAX_FORWARDED_ADDRESSES)
  let client = address
  for (const text of said.reverse()) {
    const next = trusts(client) ? readAddress(text.trim()) : null
    // A proxy elsewhere that names its own machine does not mean this one, which may do more.
    if (next === null || (isThisMachine(next) && !isThisMachine(client))) {
      break
    }
    client = next
  }
  return client
}

/** Some proxies add the port, with IPv6 in brackets. A zone has no meaning on another machine. Null for what is no address. */
function readAddress(text: string): string | null {
  const [, bracketed, dotted] = /^(?:\[(.*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? []
  const address = bracketed ?? dotted ?? text
  switch (isIP(address)) {
    case 4:
      return bracketed === undefined ? address : null
    case 6:
      // One form for each, by which clients are told apart.
      return address.includes('%')
        ? null
        : plainAddress(new SocketAddress({ address, family: 'ipv6' }).address)
    default:
      return null
  }
}
