import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocketServer } from 'ws'
import type { Logger } from '../base/index.ts'
import { peerOf, SocketSink } from '../net/index.ts'
import { type HttpSite, upgradeHandlerOf } from './http-router.ts'
import { type HttpRequest, readRequest, refuseUpgrade } from './media-exchange.ts'

/** A WebSocket message from a player, bytes; players have nothing to say. */
export const MAX_WEBSOCKET_MESSAGE_BYTES: number = 16 * 1024

/** A WebSocket of a player: binary frames are written to `sink`, framed by the caller (RFC 6455, 5.2). */
export type WebSocketPeer = Readonly<{
  /** The writing end of the socket under it. */
  sink: SocketSink
  /** Sends a close frame and closes. */
  close(code: number, reason: string): void
  /** Calls `listener` once the connection is gone. */
  onClose(listener: () => void): void
}>

/** Decides about an upgrade before it is made. */
export type WebSocketHandler = (request: HttpRequest, exchange: WebSocketExchange) => Promise<void> | void

/** An upgrade that waits for a decision. */
export interface WebSocketExchange {
  /** Makes the upgrade. Null if the client is gone or spoke no WebSocket. */
  accept(): Promise<WebSocketPeer | null>
  /** Calls `listener` when the client is gone, in whatever state. */
  onClose(listener: () => void): void
  /** Answers with an HTTP error instead. */
  refuse(status: number, reason: string, message: string): void
}

/** Makes WebSockets of HTTP/1.1 connections whose clients ask for it (RFC 6455, section 4). */
export class WebSocketUpgrades {
  readonly #logger: Logger
  readonly #trusts: (address: string) => boolean
  #webSockets: WebSocketServer | null = null

  /**
   * @param logger told of faults, and of what clients do wrong
   * @param trusts whose word about a client's address is taken
   */
  constructor(logger: Logger, trusts: (address: string) => boolean) {
    this.#logger = logger
    this.#trusts = trusts
  }

  /** Loads what upgrades need, before the first one: that would hold up all that is on its way. */
  async prepare(): Promise<void> {
    const { WebSocketServer } = await import('ws')
    this.#webSockets ??= new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: MAX_WEBSOCKET_MESSAGE_BYTES,
    })
  }

  /** Answers a request for an upgrade; `prepare` comes first. */
  handle(site: HttpSite, raw: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', (error) => this.#logger.debug({ error }, 'a WebSocket failed'))
    const request = readRequest(raw, this.#trusts)
    const handler = 'fault' in request ? undefined : upgradeHandlerOf(site, request.path)
    if ('fault' in request || handler === undefined) {
      refuseUpgrade(socket, 404, 'Not Found', 'no WebSocket is served here')
      return
    }
    const decided = Promise.resolve(
      handler(request, {
        accept: () => this.#accept(request, raw, socket, head),
        onClose: (listener) => socket.once('close', listener),
        refuse: (status, reason, message) => refuseUpgrade(socket, status, reason, message),
      }),
    )
    decided.catch((error: unknown) => {
      this.#logger.error({ error, path: request.path }, 'a WebSocket request failed')
      socket.destroy()
    })
  }

  /** Makes no more. */
  close(): void {
    this.#webSockets?.close()
  }

  #accept(
    { address }: HttpRequest,
    raw: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ): Promise<WebSocketPeer | null> {
    const webSockets = this.#webSockets
    if (socket.destroyed || webSockets === null) {
      return Promise.resolve(null)
    }
    return new Promise((resolve) => {
      socket.once('close', () => resolve(null))
      webSockets.handleUpgrade(raw, socket, head, (webSocket) => {
        webSocket.on('error', (error) =>
          this.#logger.warn({ ...peerOf(socket), address, reason: error.message }, 'WebSocket closed'),
        )
        resolve({
          sink: new SocketSink(socket),
          close: (code, reason) => webSocket.close(code, reason),
          onClose: (listener) => webSocket.once('close', listener),
        })
      })
    })
  }
}
