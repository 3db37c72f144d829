import type { Server, Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { type Logger, silentLogger } from '../base/index.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { type Peer, peerOf, setPeer, UNIX_PEER } from './peer.ts'
import type { Place } from './places.ts'
import type { ProxyHeader } from './proxy-header.ts'
import { type ProxyTrust, receiveProxyHeader } from './proxy-protocol.ts'
import { moveToSharedReads } from './socket-reader.ts'

/** What stands in front of a listener. */
export type ConnectionFrontSetup = Readonly<{
  /** What the port is for; stands in the log. */
  purpose: string
  /** Shared by every listener; null takes every connection. */
  limits: ConnectionLimits | null
  /** Whose word about the client's address is taken; null nobody's. Can be changed by `useProxies`. */
  proxies: ProxyTrust | null
  /** It listens on a Unix socket: who connects has no address, and was let in by the file's permissions. */
  isUnix: boolean
  /** Connections wait until `release` is called. */
  held: boolean
  /** Hand over sockets for `readSocket`, except where a proxy's header has been read from them. */
  sharedReads: boolean
  /** Told of refused connections. */
  logger?: Logger
}>

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
  #proxies: ProxyTrust | null
  /** Those that came while connections are held; null when they are not. */
  #held: Socket[] | null
  /** Those that wait for a header. */
  readonly #waiting = new Set<Socket>()
  /** Those in a TLS handshake: the sockets below TLS, and whose they are. */
  readonly #handshaking = new Map<Socket, Peer>()

  /** @param server with its listeners for connections already there, and not listening yet */
  constructor(server: Server, setup: ConnectionFrontSetup) {
    this.#setup = setup
    this.#logger = setup.logger ?? silentLogger
    this.#server = server
    this.#proxies = setup.proxies
    this.#held = setup.held ? [] : null
    this.#listeners = server.listeners('connection') as ((socket: Socket) => void)[]
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => this.#onConnection(socket))
    if (server instanceof TlsServer) {
      server.prependListener('secureConnection', (socket) => this.#onHandshakeEnd(socket))
      server.prependListener('tlsClientError', (_error, socket) => this.#onHandshakeEnd(socket))
    }
  }

  /** Lets in those that were held, and from now on whoever comes. Idempotent. */
  release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const socket of held.filter((each) => !each.destroyed)) {
      this.#admit(socket)
    }
  }

  /** Takes other proxies' word, for connections that come from now on. */
  useProxies(proxies: ProxyTrust | null): void {
    this.#proxies = proxies
  }

  /** Closes the connections that their owners have not got yet. */
  close(): void {
    for (const socket of [...(this.#held ?? []), ...this.#waiting, ...this.#handshaking.keys()]) {
      socket.destroy()
    }
  }

  #onConnection(accepted: Socket): void {
    if (this.#held === null) {
      this.#admit(accepted)
    } else {
      // It is not read from meanwhile, and a reset that nobody hears of yet is no fault.
      accepted.on('error', () => {})
      this.#held.push(accepted)
    }
  }

  #admit(accepted: Socket): void {
    const { limits, sharedReads, isUnix } = this.#setup
    const proxies = this.#proxies
    // First of all, because whoever waits for this connection to close must wait for the socket that is used.
    const socket = sharedReads && proxies === null ? moveToSharedReads(accepted) : accepted
    if (isUnix) {
      setPeer(socket, UNIX_PEER)
    }
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
      setPeer(socket, source)
    }
    this.#enter(socket)
  }

  #enter(socket: Socket): void {
    const peer = peerOf(socket)
    const { limits } = this.#setup
    // All clients of a Unix socket have one address, so what is meant for one client's does not count for it.
    const place = peer.address === UNIX_PEER.address ? null : (limits?.takePlaceOf(peer.address) ?? null)
    if (!this.#keepPlace(socket, place)) {
      return
    }
    if (this.#server instanceof TlsServer) {
      this.#handshaking.set(socket, peer)
      socket.once('close', () => this.#handshaking.delete(socket))
    }
    for (const listener of this.#listeners) {
      listener.call(this.#server, socket)
    }
  }

  /** The TLS socket takes the place of the one below it, and has the same peer. */
  #onHandshakeEnd(socket: Socket): void {
    // Not documented. If a Node has it no more, proxied clients of TLS listeners have their proxy's address; a test would tell.
    const { _parent: below } = socket as { _parent?: Socket }
    const peer = below === undefined ? undefined : this.#handshaking.get(below)
    if (below !== undefined && peer !== undefined) {
      this.#handshaking.delete(below)
      setPeer(socket, peer)
    }
  }

  /** Keeps a place until the connection is closed; refuses the connection if there was none. */
  #keepPlace(socket: Socket, place: Place | string | null): boolean {
    if (typeof place === 'string') {
      this.#refuse(socket, place)
      return false
    }
    if (place !== null) {
      // `on`, for it comes once: what `once` makes for each is kept as long as the connection.
      socket.on('close', () => place.release())
    }
    return true
  }

  #refuse(socket: Socket, reason: string): void {
    const { address, port } = peerOf(socket)
    this.#logger.warn({ address, port, purpose: this.#setup.purpose, reason }, 'connection refused')
    socket.destroy()
  }
}
