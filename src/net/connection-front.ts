import type { Server, Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { type Logger, silentLogger } from '../base/index.ts'
import type { ConnectionLimits, ConnectionPlace } from './connection-limits.ts'
import { type Peer, peerOf, setProxiedPeer } from './peer.ts'
import type { ProxyHeader } from './proxy-header.ts'
import { type ProxyTrust, receiveProxyHeader } from './proxy-protocol.ts'
import { moveToSharedReads } from './socket-reader.ts'

/** What stands in front of a listener. */
export type ConnectionFrontSetup = Readonly<{
  /** What the port is for; stands in the log. */
  purpose: string
  /** Shared by every listener; null takes every connection. */
  limits: ConnectionLimits | null
  /** Whose word about the client's address is taken; null nobody's. */
  proxies: ProxyTrust | null
  /** Hand over sockets for `readSocket`, except where a proxy's header has been read from them. */
  sharedReads: boolean
  /** Told of refused connections. */
  logger?: Logger
}>

/** A connection that its owner has not got yet. */
type Entrant = Readonly<{ socket: Socket; peer: Peer }>

/**
 * Stands between a server of `node:net`, `node:tls`, `node:http` or `node:https` and its connections: each is counted against the
 * limits, and its proxy's header is read, before the server sees it. Keeps those that are on their way, so that they can
 * be closed with the server.
 */
export class ConnectionFront {
  readonly #setup: ConnectionFrontSetup
  readonly #logger: Logger
  readonly #server: Server
  readonly #listeners: ((socket: Socket) => void)[]
  /** Those that wait for a header. */
  readonly #waiting = new Set<Socket>()
  /** Those in a TLS handshake, by the addresses and ports of both ends. */
  readonly #handshaking = new Map<string, Entrant>()

  /** @param server with its listeners for connections already there, and not listening yet */
  constructor(server: Server, setup: ConnectionFrontSetup) {
    this.#setup = setup
    this.#logger = setup.logger ?? silentLogger
    this.#server = server
    this.#listeners = server.listeners('connection') as ((socket: Socket) => void)[]
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => this.#onConnection(socket))
    if (server instanceof TlsServer) {
      server.prependListener('secureConnection', (socket) => this.#onHandshakeEnd(socket))
      server.prependListener('tlsClientError', (_error, socket) => this.#onHandshakeEnd(socket))
    }
  }

  /** Closes the connections that their owners have not got yet. */
  close(): void {
    for (const socket of [...this.#waiting, ...[...this.#handshaking.values()].map(({ socket }) => socket)]) {
      socket.destroy()
    }
  }

  #onConnection(accepted: Socket): void {
    const { limits, proxies, sharedReads } = this.#setup
    // First of all, because whoever waits for this connection to close must wait for the socket that is used.
    const socket = sharedReads && proxies === null ? moveToSharedReads(accepted) : accepted
    const place = limits?.takePlace() ?? null
    if (!this.#keepPlace(socket, place)) {
      return
    }
    if (proxies === null) {
      this.#enter(socket)
      return
    }
    this.#waiting.add(socket)
    socket.once('close', () => this.#waiting.delete(socket))
    receiveProxyHeader(socket, proxies, {
      onHeader: (header) => this.#onHeader(socket, header),
      onError: (error) => this.#refuse(socket, error.message),
    })
  }

  #onHeader(socket: Socket, { source }: ProxyHeader): void {
    this.#waiting.delete(socket)
    if (source !== null) {
      setProxiedPeer(socket, source)
    }
    this.#enter(socket)
  }

  #enter(socket: Socket): void {
    const peer = peerOf(socket)
    if (!this.#keepPlace(socket, this.#setup.limits?.takePlaceOf(peer.address) ?? null)) {
      return
    }
    if (this.#server instanceof TlsServer) {
      const ends = endsOf(socket)
      this.#handshaking.set(ends, { socket, peer })
      socket.once('close', () => this.#handshaking.delete(ends))
    }
    for (const listener of this.#listeners) {
      listener.call(this.#server, socket)
    }
  }

  /** The TLS socket takes the place of the one below it, and has the same ends. */
  #onHandshakeEnd(socket: Socket): void {
    const ends = endsOf(socket)
    const entrant = this.#handshaking.get(ends)
    if (entrant !== undefined) {
      this.#handshaking.delete(ends)
      setProxiedPeer(socket, entrant.peer)
    }
  }

  /** Keeps a place until the connection is closed; refuses the connection if there was none. */
  #keepPlace(socket: Socket, place: ConnectionPlace | string | null): boolean {
    if (typeof place === 'string') {
      this.#refuse(socket, place)
      return false
    }
    if (place !== null) {
      socket.once('close', () => place.release())
    }
    return true
  }

  #refuse(socket: Socket, reason: string): void {
    const { address, port } = peerOf(socket)
    this.#logger.warn({ address, port, purpose: this.#setup.purpose, reason }, 'connection refused')
    socket.destroy()
  }
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`
}
