import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import fastifyStatic from '@fastify/static'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { WebSocketServer } from 'ws'
import { type Logger, SERVER_NAME } from '../base/index.ts'
import {
  type ConnectionLimits,
  handleTlsFailures,
  type ListenOptions,
  listenOn,
  peerOf,
  SocketSink,
  type TcpListener,
  type TlsCredentials,
  type TlsListener,
  tlsServerOptions,
} from '../net/index.ts'
import {
  corsHeaders,
  type HttpReply,
  type HttpRequest,
  readRequest,
  refuseUpgrade,
  streamingHeader,
} from './media-exchange.ts'
import {
  createNodeServer,
  createSecureNodeServer,
  HTTP_HEADERS_TIMEOUT_MS,
  MAX_HTTP_HEADER_BYTES,
} from './node-server.ts'

/** Body of a request, bytes; no route takes one yet. */
export const MAX_HTTP_BODY_BYTES: number = 64 * 1024

/** A WebSocket message from a player, bytes; players have nothing to say. */
export const MAX_WEBSOCKET_MESSAGE_BYTES: number = 16 * 1024

/** Answers a request; what it throws is logged and answered 500. */
export type HttpHandler = (request: HttpRequest, reply: HttpReply) => Promise<void> | void

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
  /** Answers with an HTTP error instead. */
  refuse(status: number, reason: string, message: string): void
}

/** What an HTTP server is made with. */
export type HttpServerSetup = Readonly<{
  /** Told of bad requests and of faults. */
  logger: Logger
  /** Folder of static files (the page); null serves none. */
  staticRoot: string | null
  /** Counts connections, those of other listeners, too. */
  limits: ConnectionLimits
}>

/**
 * The HTTP server: routes by exact path or by file extension, static files for the rest, WebSocket upgrades by extension.
 */
export class HttpServer {
  readonly #setup: HttpServerSetup
  readonly #app: FastifyInstance
  readonly #paths = new Map<string, HttpHandler>()
  readonly #extensions = new Map<string, HttpHandler>()
  readonly #upgrades = new Map<string, WebSocketHandler>()
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_WEBSOCKET_MESSAGE_BYTES,
  })
  /** Sockets that left HTTP's rule: streaming bodies and WebSockets. */
  readonly #takenOver = new Set<Socket>()
  readonly #listeners: { server: Server; listener: TcpListener }[] = []
  #prepared: Promise<void> | null = null

  /** Routes are added before `listen`. */
  constructor(setup: HttpServerSetup) {
    this.#setup = setup
    this.#app = fastify({
      bodyLimit: MAX_HTTP_BODY_BYTES,
      routerOptions: { maxParamLength: MAX_HTTP_HEADER_BYTES },
    })
  }

  /** Answers GET and HEAD of exactly this path, e.g. 'api/v1/streams/'. */
  route(path: string, handler: HttpHandler): void {
    this.#paths.set(path, handler)
  }

  /** Answers GET and HEAD of every path with this extension, e.g. '.flv'. */
  routeExtension(extension: string, handler: HttpHandler): void {
    this.#extensions.set(extension, handler)
  }

  /** Decides about WebSocket upgrades on every path with this extension. */
  upgradeExtension(extension: string, handler: WebSocketHandler): void {
    this.#upgrades.set(extension, handler)
  }

  /**
   * Starts listening; may be called again for another address.
   * @throws ServerError ERR_LISTEN if the address can't be had
   */
  async listen(options: ListenOptions): Promise<TcpListener> {
    await this.#prepare()
    return this.#listen(createNodeServer(this.#app.routing), options, 'HTTP')
  }

  /**
   * Starts listening for HTTPS; may be called again for another address.
   * @throws ServerError ERR_LISTEN if the address can't be had
   */
  async listenTls(options: ListenOptions, credentials: TlsCredentials): Promise<TlsListener> {
    await this.#prepare()
    const server = createSecureNodeServer(credentials, options, this.#app.routing)
    handleTlsFailures(server, options, (socket, reason) =>
      this.#logClosed(socket, 'HTTPS connection closed', reason),
    )
    const listener = await this.#listen(server, options, 'HTTPS')
    return { ...listener, useCredentials: (next) => server.setSecureContext(tlsServerOptions(next, options)) }
  }

  /** Stops listening and closes every connection. Idempotent. */
  async close(): Promise<void> {
    const closed = this.#listeners.map(({ server, listener }) => {
      const closing = listener.close()
      server.closeAllConnections()
      return closing
    })
    for (const socket of this.#takenOver) {
      socket.destroy()
    }
    this.#webSockets.close()
    await Promise.all(closed)
    await this.#app.close()
  }

  /** Ends what must be said to fastify before the first request. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#addRoutes()
    return this.#prepared
  }

  async #addRoutes(): Promise<void> {
    const { staticRoot } = this.#setup
    if (staticRoot !== null) {
      await this.#app.register(fastifyStatic, { root: staticRoot, serve: false })
    }
    this.#app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ server: SERVER_NAME, ...corsHeaders })
    })
    this.#app.options('/*', async (request, reply) => {
      reply.headers({
        'access-control-allow-methods': 'GET, HEAD, OPTIONS',
        'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
        'access-control-max-age': '86400',
      })
      return reply.code(204).send()
    })
    this.#app.get('/*', (request, reply) => this.#onRequest(request.raw, reply))
    await this.#app.ready()
  }

  async #listen(server: Server, options: ListenOptions, purpose: string): Promise<TcpListener> {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#onUpgrade(request, socket, head),
    )
    server.on('clientError', (error, socket) => this.#onClientError(error, socket as Socket))
    const listener = await listenOn(server, options, purpose, this.#setup)
    this.#listeners.push({ server, listener })
    return listener
  }

  async #onRequest(raw: IncomingMessage, reply: FastifyReply): Promise<unknown> {
    const { socket } = raw
    if (this.#takenOver.has(socket)) {
      this.#closeBehindStream(socket)
      return reply.hijack()
    }
    const request = readRequest(raw)
    if (request === null) {
      return reply.code(400).type('text/plain').send('the URL has a malformed escape\n')
    }
    const handler = this.#paths.get(request.path) ?? this.#extensions.get(extensionOf(request.path))
    if (handler === undefined) {
      return this.#serveFile(request, reply)
    }
    reply.hijack()
    try {
      await handler(request, this.#replyTo(raw, reply))
    } catch (error) {
      this.#setup.logger.error({ error, path: request.path }, 'a request failed')
      socket.destroy()
    }
    return reply
  }

  #serveFile(request: HttpRequest, reply: FastifyReply): unknown {
    if (this.#setup.staticRoot === null) {
      return reply.code(404).type('text/plain').send('nothing is served here\n')
    }
    return reply.sendFile(request.path === '' ? 'index.html' : request.path)
  }

  #replyTo(raw: IncomingMessage, reply: FastifyReply): HttpReply {
    const { socket } = raw
    const response = reply.raw
    const takenOver = this.#takenOver
    const closeBehindStream = (): void => this.#closeBehindStream(socket)
    const isHead = raw.method === 'HEAD'
    return {
      get closed() {
        return socket.destroyed
      },
      onClose(listener) {
        if (socket.destroyed) {
          listener()
        } else {
          socket.once('close', listener)
        }
      },
      send(status, contentType, body, headers = {}) {
        const bytes = typeof body === 'string' ? Buffer.from(body) : body
        response.writeHead(status, {
          server: SERVER_NAME,
          ...corsHeaders,
          'content-type': contentType,
          'content-length': bytes.length,
          ...headers,
        })
        response.end(isHead ? undefined : bytes)
      },
      stream(contentType) {
        if (response.socket !== socket || takenOver.has(socket)) {
          // Behind another request whose answer is not complete: the bodies would run into each other.
          closeBehindStream()
        }
        takenOver.add(socket)
        socket.once('close', () => takenOver.delete(socket))
        socket.setTimeout(0)
        const sink = new SocketSink(socket)
        sink.write(streamingHeader(contentType))
        if (isHead) {
          sink.end()
        }
        return sink
      },
    }
  }

  /** A request before the end of a streaming answer, or a stream before the end of an answer: the bodies would mix. */
  #closeBehindStream(socket: Socket): void {
    this.#logClosed(socket, 'HTTP connection closed', 'a request behind a streaming one')
    socket.destroy()
  }

  /** The client broke a rule and is closed for it. */
  #logClosed(socket: Socket, message: string, reason: string): void {
    this.#setup.logger.warn({ ...peerOf(socket), reason }, message)
  }

  #onUpgrade(raw: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#takenOver.has(socket)) {
      this.#closeBehindStream(socket)
      return
    }
    socket.on('error', (error) => this.#setup.logger.debug({ error }, 'a WebSocket failed'))
    const request = readRequest(raw)
    const handler = request === null ? undefined : this.#upgrades.get(extensionOf(request.path))
    if (request === null || handler === undefined) {
      refuseUpgrade(socket, 404, 'Not Found', 'no WebSocket is served here')
      return
    }
    this.#takenOver.add(socket)
    socket.once('close', () => this.#takenOver.delete(socket))
    const decided = Promise.resolve(
      handler(request, {
        accept: () => this.#accept(raw, socket, head),
        refuse: (status, reason, message) => refuseUpgrade(socket, status, reason, message),
      }),
    )
    decided.catch((error: unknown) => {
      this.#setup.logger.error({ error, path: request.path }, 'a WebSocket request failed')
      socket.destroy()
    })
  }

  #accept(raw: IncomingMessage, socket: Socket, head: Buffer): Promise<WebSocketPeer | null> {
    if (socket.destroyed) {
      return Promise.resolve(null)
    }
    return new Promise((resolve) => {
      socket.once('close', () => resolve(null))
      this.#webSockets.handleUpgrade(raw, socket, head, (webSocket) => {
        webSocket.on('error', (error) => this.#logClosed(socket, 'WebSocket closed', error.message))
        resolve({
          sink: new SocketSink(socket),
          close: (code, reason) => webSocket.close(code, reason),
          onClose: (listener) => webSocket.once('close', listener),
        })
      })
    })
  }

  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable || this.#takenOver.has(socket)) {
      socket.destroy()
      return
    }
    const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const reason = tooLarge
      ? `the request's headers exceed MAX_HTTP_HEADER_BYTES (${MAX_HTTP_HEADER_BYTES})`
      : late
        ? `no complete request within HTTP_HEADERS_TIMEOUT_MS (${HTTP_HEADERS_TIMEOUT_MS})`
        : `not HTTP: ${error.message}`
    this.#logClosed(socket, 'HTTP connection closed', reason)
    if (tooLarge) {
      refuseUpgrade(socket, 431, 'Request Header Fields Too Large', reason)
    } else if (late) {
      refuseUpgrade(socket, 408, 'Request Timeout', reason)
    } else {
      refuseUpgrade(socket, 400, 'Bad Request', reason)
    }
  }
}

/** The extension of a path's last part, with its dot; '' if it has none. */
function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot)
}
