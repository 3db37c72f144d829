import type { Socket } from 'node:net'

/** Who is at the other end of a connection. */
export type Peer = Readonly<{
  /**
   * IP address: the client's own, where a trusted proxy said it. IPv4 is written as IPv4, however it came. 'unix' for a client
   * of a Unix socket that no proxy spoke for; 'unknown' once the connection is gone.
   */
  address: string
  /** TCP port; 0 if it is not known. */
  port: number
}>

/** The peer of a connection over a Unix socket, which has no address. */
export const UNIX_PEER: Peer = { address: 'unix', port: 0 }

/**
 * Where a socket keeps a peer that is not that of its TCP connection, e.g. because a trusted proxy spoke for it. A property, because
 * what Node shows as the socket of an HTTP/2 request is not the socket, but passes its properties on.
 */
const GIVEN_PEER: unique symbol = Symbol('given peer')

type SocketWithPeer = Socket & { [GIVEN_PEER]?: Peer }

/** Who is at the other end of a socket: for admission, the log and the API. */
export function peerOf(socket: Socket): Peer {
  return (
    (socket as SocketWithPeer)[GIVEN_PEER] ?? {
      address: socket.remoteAddress === undefined ? 'unknown' : plainAddress(socket.remoteAddress),
      port: socket.remotePort ?? 0,
    }
  )
}

/** Gives a socket another peer than that of its TCP connection. */
export function setPeer(socket: Socket, { address, port }: Peer): void {
  ;(socket as SocketWithPeer)[GIVEN_PEER] = { address: plainAddress(address), port }
}

/** An IPv4 address within IPv6 (RFC 4291, 2.5.5.2) as IPv4: a socket that listens for both gives the former. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
