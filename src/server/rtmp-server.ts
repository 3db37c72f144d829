import type { Socket } from 'node:net'
import type { Logger } from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { playRtmp } from '../delivery/index.ts'
import { publishRtmp } from '../ingest/index.ts'
import type { LiveService, VhostFinder } from '../live/index.ts'
import {
  type ConnectionLimits,
  type ListenerOptions,
  listenTcp,
  listenTls,
  peerOf,
  type TcpListener,
  type TlsCredentials,
  type TlsListener,
} from '../net/index.ts'
import { type RtmpServerHandlers, RtmpServerSession, type RtmpVhostOptions } from '../rtmp/index.ts'
import type { RtmpServerOptions } from './rtmp-options.ts'

/** What an RTMP server is made with. */
export type RtmpServerSetup = Readonly<{
  live: LiveService
  vhosts: VhostFinder<ResolvedVhost>
  logger: Logger
  /** Until `useOptions`. */
  options: RtmpServerOptions
  /** Counts connections, those of other listeners, too. */
  limits: ConnectionLimits
  /** Gives a new connection's id, unique in this process. */
  nextClientId: () => string
}>

/** Accepts RTMP connections and wires what they ask for to ingest and delivery. */
export class RtmpServer {
  readonly #setup: RtmpServerSetup
  #options: RtmpServerOptions
  readonly #handlers: RtmpServerHandlers
  readonly #sessions = new Set<RtmpServerSession>()

  /** Nothing listens until `listen`. */
  constructor(setup: RtmpServerSetup) {
    this.#setup = setup
    this.#options = setup.options
    const { live } = setup
    this.#handlers = {
      connect: async () => {},
      publish: (request, connection) => publishRtmp(live, request, connection),
      play: (request, output, connection) => playRtmp(live, request, output, connection, this.#options.play),
    }
  }

  /** Connections at present. */
  get connections(): number {
    return this.#sessions.size
  }

  /** Takes other options, for connections that come from now on; the time-outs of publishers follow with `update`. */
  useOptions(options: RtmpServerOptions): void {
    this.#options = options
  }

  /** What virtual hosts say has changed: the time-outs of what is published now follow. */
  update(): void {
    for (const session of this.#sessions) {
      session.update()
    }
  }

  /**
   * Listens on an address; its connections are held.
   * @param purpose named in errors and in the log
   * @throws ServerError ERR_LISTEN if the address can't be had
   */
  listen(options: ListenerOptions, purpose: string): Promise<TcpListener> {
    const commons = { ...this.#setup, sharedReads: true, held: true }
    return listenTcp(options, purpose, (socket) => this.#accept(socket), commons)
  }

  /**
   * Listens on an address for RTMP within TLS; its connections are held.
   * @param purpose named in errors and in the log
   * @throws ServerError ERR_LISTEN if the address can't be had
   */
  listenTls(options: ListenerOptions, credentials: TlsCredentials, purpose: string): Promise<TlsListener> {
    const handlers = {
      onSocket: (socket: Socket) => this.#accept(socket),
      onFailure: (socket: Socket, reason: string) =>
        this.#setup.logger.warn({ ...peerOf(socket), reason }, `${purpose} connection closed`),
    }
    return listenTls(options, credentials, purpose, handlers, { ...this.#setup, held: true })
  }

  /** Asks every client that follows such requests to connect anew. Returns how many were asked. */
  requestReconnect(tcUrl: string | undefined, description: string): number {
    const asked = [...this.#sessions].filter((session) => session.requestReconnect(tcUrl, description))
    return asked.length
  }

  /** Closes every connection. Its listeners are closed by who has them. */
  close(): void {
    for (const session of [...this.#sessions]) {
      session.destroy('the server is closing')
    }
  }

  #vhostOptions(requested: string): RtmpVhostOptions {
    return { ...this.#options.session, ...this.#setup.vhosts.resolve(requested)?.rtmp }
  }

  #accept(socket: Socket): void {
    const { nextClientId } = this.#setup
    const { maxConnections, session: options } = this.#options
    if (this.#sessions.size >= maxConnections) {
      const fields = { ...peerOf(socket), maxConnections }
      this.#setup.logger.warn(fields, 'connection refused: there are maxConnections already')
      socket.destroy()
      return
    }
    const id = nextClientId()
    const logger = this.#setup.logger.child({ client: id })
    logger.debug(peerOf(socket), 'RTMP connection')
    const session: RtmpServerSession = new RtmpServerSession({
      id,
      socket,
      handlers: this.#handlers,
      options,
      vhostOptions: (vhost) => this.#vhostOptions(vhost),
      logger,
      onClose: () => this.#sessions.delete(session),
    })
    this.#sessions.add(session)
  }
}
