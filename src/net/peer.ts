import type { Socket } from 'node:net'

/** Who is at the other end of a connection. */
export type Peer = Readonly<{
  /** IP address: the client's own, where a trusted proxy said it. IPv4 is written as IPv4, however it came. 'unknown' once the connection is gone. */
  address: string
  /** TCP port; 0 if it is not known. */
  port: number
}>

/** Peers that are not those of the TCP connection: a trusted proxy spoke for them. */
const proxiedPeers = new WeakMap<Socket, Peer>()

/** Who is at the other end of a socket: for admission, the log and the API. */
export function peerOf(socket: Socket): Peer {
  return (
    proxiedPeers.get(socket) ?? {
      address: socket.remoteAddress === undefined ? 'unknown' : plainAddress(socket.remoteAddress),
      port: socket.remotePort ?? 0,
    }
  )
}

/** Remembers whom a trusted proxy speaks for. */
export function setProxiedPeer(socket: Socket, { address, port }: Peer): void {
  proxiedPeers.set(socket, { address: plainAddress(address), port })
}

/** An IPv4 address within IPv6 (RFC 4291, 2.5.5.2) as IPv4: a socket that listens for both gives the former. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
