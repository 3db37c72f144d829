import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type {
  Http2SecureServer,
  Http2ServerRequest,
  Http2ServerResponse,
  ServerHttp2Session,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import { type Logger, SERVER_NAME } from '../base/index.ts'
import {
  type ConnectionLimits,
  handleTlsFailures,
  type ListenerOptions,
  listenOn,
  nodeHttp,
  peerOf,
  type TcpListener,
  type TlsCredentials,
  tlsServerOptions,
} from '../net/index.ts'
import { EndingConnections } from './ending-connections.ts'
import {
  endWhenStalled,
  Http1Reply,
  Http2Reply,
  type ServerReply,
  type TakenOverSockets,
} from './http-reply.ts'
import { HTTP_METHODS, type HttpSite, matchRoute } from './http-router.ts'
import { LateConnections } from './late-connections.ts'
import {
  corsHeadersOf,
  type HttpRequest,
  MALFORMED_ESCAPE,
  preflightHeaders,
  readRequest,
  refuseUpgrade,
} from './media-exchange.ts'
import {
  createNodeServer,
  createSecureNodeServer,
  HTTP_HEADERS_TIMEOUT_MS,
  type HttpTimes,
  MAX_HTTP_HEADER_BYTES,
} from './node-server.ts'
import { badUrl, methodNotAllowed, TEXT } from './plain-answers.ts'
import { findStaticFile } from './static-files.ts'
import { WebSocketUpgrades } from './web-socket-upgrade.ts'

/** Body of a request, bytes; a longer one is answered 413. */
export const MAX_HTTP_BODY_BYTES: number = 64 * 1024

/** Default of `HttpServerSetup.answerStallTimeoutMs`. */
export const ANSWER_STALL_TIMEOUT_MS = 60_000

/** What an HTTP server is made with. */
export type HttpServerSetup = Readonly<{
  /** Told of bad requests and of faults. */
  logger: Logger
  /** Counts connections, those of other listeners, too, and knows whose word about a client's address is taken. */
  limits: ConnectionLimits
  /** An answer of which the client takes nothing for so long is given up, ms; live bodies have a time of their own. Default 60 s. */
  answerStallTimeoutMs?: number
}> &
  HttpTimes

/** How one address is listened on for HTTP. */
export type HttpListenSetup = Readonly<{
  /** What is served there. */
  site: HttpSite
  /** With them HTTPS is spoken: HTTP/2, or HTTP/1.1. Null is plain HTTP/1.1. */
  credentials: TlsCredentials | null
  /** What the address is for, named in errors and in the log, e.g. 'HTTPS'. */
  purpose: string
  /** See `ListenerCommons.held`. Default false. */
  held?: boolean
}>

/** A listener for HTTP or HTTPS. */
export type HttpListener = TcpListener &
  Readonly<{
    /** Serves something else from the next request on. */
    useSite(site: HttpSite): void
    /** Ends the connections that it accepted, behind what is answered just now. Bodies without end go on. */
    endConnections(): void
    /** Of HTTPS: uses other credentials for connections that come from now on. */
    useCredentials(credentials: TlsCredentials): void
  }>

/** No route has a schema: without a word about it, Fastify would load its compilers of schemas all the same, a third of all it is. */
const noSchemas = (): never => {
  throw new Error('routes have no schemas')
}

type RawRequest = IncomingMessage | Http2ServerRequest
type RawResponse = ServerResponse | Http2ServerResponse

/**
 * The HTTP server: any number of listeners, each of which serves a site: routes, static files for the rest, WebSocket
 * upgrades.
 */
export class HttpServer {
  readonly #setup: HttpServerSetup
  readonly #stallTimeoutMs: number
  readonly #webSockets: WebSocketUpgrades
  /** What the listener serves from which a request came. */
  readonly #sites = new WeakMap<RawRequest, HttpSite>()
  readonly #takenOver = new Set<Socket>()
  readonly #late = new LateConnections()
  readonly #sockets = new Set<Socket>()
  readonly #listeners = new Set<TcpListener>()
  /** Made for the first listener: commands that have none start sooner without its packages. */
  #app: Promise<FastifyInstance> | null = null

  /** Nothing listens until `listen`. */
  constructor(setup: HttpServerSetup) {
    this.#setup = setup
    this.#stallTimeoutMs = setup.answerStallTimeoutMs ?? ANSWER_STALL_TIMEOUT_MS
    this.#webSockets = new WebSocketUpgrades(setup.logger, setup.limits.trusts)
  }

  /**
   * Starts listening on an address; may be called for any number of them.
   * @throws ServerError ERR_LISTEN if the address can't be had
   */
  async listen(options: ListenerOptions, setup: HttpListenSetup): Promise<HttpListener> {
    this.#app ??= this.#createApp()
    const app = await this.#app
    let { site } = setup
    const onRequest = (request: RawRequest, response: RawResponse): void => {
      if (!this.#late.isEmpty) {
        this.#late.keep(request.socket)
      }
      ending.note(response)
      this.#sites.set(request, site)
      app.routing(request as IncomingMessage, response as ServerResponse)
    }
    const server = this.#createServer(options, setup, onRequest)
    const ending = new EndingConnections(server)
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#onUpgrade(site, request, socket, head),
    )
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      this.#onClientError(error, socket),
    )
    // Nothing was asked for so long; without a listener, Node would close it at once.
    server.on('timeout', (connection: Socket | ServerHttp2Session) => {
      if ('bytesRead' in connection) {
        this.#late.add(connection, () => connection.destroy())
      }
    })
    server.on('connection', (socket: Socket) => this.#keep(socket))
    const commons = { ...this.#setup, held: setup.held ?? false }
    const listener = await listenOn(server, options, setup.purpose, commons)
    this.#listeners.add(listener)
    server.once('close', () => {
      this.#listeners.delete(listener)
      // Ends Node's looking for connections that are late, which `listener.stop` leaves to those that live on.
      server.close()
    })
    return {
      ...listener,
      useSite(next) {
        site = next
      },
      endConnections: () => ending.begin(),
      useCredentials(credentials) {
        if ('setSecureContext' in server) {
          server.setSecureContext(tlsServerOptions(credentials, options))
        }
      },
    }
  }

  /** Stops listening and closes every connection. Idempotent. */
  async close(): Promise<void> {
    const closed = [...this.#listeners].map((listener) => listener.close())
    for (const socket of this.#sockets) {
      socket.destroy()
    }
    this.#webSockets.close()
    await Promise.all(closed)
    await (await this.#app)?.close()
  }

  #createServer(
    options: ListenerOptions,
    { credentials, purpose }: HttpListenSetup,
    onRequest: (request: RawRequest, response: RawResponse) => void,
  ): Server | Http2SecureServer {
    if (credentials === null) {
      return createNodeServer(this.#setup, onRequest)
    }
    const server = createSecureNodeServer(credentials, options, this.#setup, onRequest)
    handleTlsFailures(server, options, (socket, reason) =>
      this.#logClosed(socket, `${purpose} connection closed`, reason),
    )
    return server
  }

  async #createApp(): Promise<FastifyInstance> {
    const [{ default: fastify }, { default: fastifyStatic }] = await Promise.all([
      import('fastify'),
      import('@fastify/static'),
      this.#webSockets.prepare(),
    ])
    const app: FastifyInstance = fastify({
      bodyLimit: MAX_HTTP_BODY_BYTES,
      routerOptions: { maxParamLength: MAX_HTTP_HEADER_BYTES },
      schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
      // Else Fastify would answer what its router can't read, in its own words and with its own codes.
      frameworkErrors: (_error, request, reply) => {
        reply.headers(this.#headersOf(request.raw))
        return badUrl(reply, MALFORMED_ESCAPE)
      },
    })
    await app.register(fastifyStatic, { serve: false })
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(this.#headersOf(request.raw))
    })
    // Bodies are given to routes as they are, whatever they are said to be.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.options('/*', (request, reply) => this.#onOptions(request.raw, reply))
    app.route({
      // Fastify adds HEAD to GET itself.
      method: HTTP_METHODS.filter((method) => method !== 'HEAD'),
      url: '/*',
      handler: (request, reply) => this.#onRequest(request.raw, request.body, reply),
    })
    app.setNotFoundHandler((_request, reply) => methodNotAllowed(reply, [...HTTP_METHODS, 'OPTIONS']))
    app.setErrorHandler((error: FastifyError, _request, reply) =>
      reply
        .code(error.statusCode ?? 500)
        .type(TEXT)
        .send(`${error.message}\n`),
    )
    await app.ready()
    return app
  }

  #siteOf(request: RawRequest): HttpSite {
    return this.#sites.get(request) ?? NOTHING
  }

  /** What every answer says. */
  #headersOf(request: RawRequest): Readonly<Record<string, string>> {
    return { server: SERVER_NAME, ...corsHeadersOf(this.#siteOf(request).crossOrigin) }
  }

  /** As SRS answers: with CORS everything is allowed that a route would take, without it the question itself is not. */
  async #onOptions(raw: RawRequest, reply: FastifyReply): Promise<unknown> {
    const site = this.#siteOf(raw)
    const request = readRequest(raw, this.#setup.limits.trusts)
    const match = 'fault' in request ? undefined : matchRoute(site, { ...request, method: 'OPTIONS' })
    const allow = match === undefined || 'handler' in match ? ['GET', 'HEAD'] : match.allow
    if (!site.crossOrigin) {
      return methodNotAllowed(reply, allow)
    }
    reply.headers({ allow: [...allow, 'OPTIONS'].join(', '), ...preflightHeaders(raw.headers) })
    return reply.code(200).send()
  }

  async #onRequest(raw: RawRequest, body: unknown, reply: FastifyReply): Promise<unknown> {
    const { socket } = raw
    if (this.#takenOver.has(socket)) {
      this.#closeBehindStream(socket)
      return reply.hijack()
    }
    const read = readRequest(raw, this.#setup.limits.trusts, body instanceof Uint8Array ? body : undefined)
    if ('fault' in read) {
      return badUrl(reply, read.fault)
    }
    const site = this.#siteOf(raw)
    const match = matchRoute(site, read)
    if (match === undefined) {
      const isRead = read.method === 'GET' || read.method === 'HEAD'
      return this.#serveFile(read, isRead ? site : { ...site, roots: [] }, reply, 'nothing is served here')
    }
    if ('allow' in match) {
      return methodNotAllowed(reply, match.allow)
    }
    const { handler, pathParameters } = match
    const request = { ...read, pathParameters }
    const answer = this.#replyTo(raw, reply.raw, site)
    try {
      await handler(request, answer)
    } catch (error) {
      this.#setup.logger.error({ error, path: request.path }, 'a request failed')
      answer.fail()
    }
    const { missingMessage } = answer
    return missingMessage === null ? reply.hijack() : this.#serveFile(request, site, reply, missingMessage)
  }

  /** Fastify's types don't know HTTP/2 here, so what there is decides. */
  #replyTo(raw: RawRequest, response: RawResponse, { crossOrigin }: HttpSite): ServerReply {
    const options = { crossOrigin, stallTimeoutMs: this.#stallTimeoutMs }
    return response instanceof nodeHttp.ServerResponse
      ? new Http1Reply(raw as IncomingMessage, response, options, this.#takenOverSockets)
      : new Http2Reply(raw as Http2ServerRequest, response, options)
  }

  async #serveFile(
    request: HttpRequest,
    { roots }: HttpSite,
    reply: FastifyReply,
    missingMessage: string,
  ): Promise<unknown> {
    endWhenStalled(reply.raw, this.#stallTimeoutMs)
    const file = await findStaticFile(roots, request.path)
    if (file === null) {
      return reply.code(404).type(TEXT).send(`${missingMessage}\n`)
    }
    return 'redirect' in file
      ? reply.redirect(encodeURI(file.redirect), 301)
      : reply.headers(file.root.headersOf?.(file.path) ?? {}).sendFile(file.path, file.root.folder)
  }

  get #takenOverSockets(): TakenOverSockets {
    return {
      has: (socket) => this.#takenOver.has(socket),
      add: (socket) => this.#takeOver(socket),
      closeBehindStream: (socket) => this.#closeBehindStream(socket),
    }
  }

  #takeOver(socket: Socket): void {
    this.#takenOver.add(socket)
    socket.once('close', () => this.#takenOver.delete(socket))
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
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

  #onUpgrade(site: HttpSite, raw: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#late.keep(socket)
    if (this.#takenOver.has(socket)) {
      this.#closeBehindStream(socket)
      return
    }
    this.#takeOver(socket)
    this.#webSockets.handle(site, raw, socket, head)
  }

  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable || this.#takenOver.has(socket)) {
      socket.destroy()
      return
    }
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      this.#late.add(socket, () => this.#endLate(socket))
      return
    }
    const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
    const reason = tooLarge
      ? `the request's headers exceed MAX_HTTP_HEADER_BYTES (${MAX_HTTP_HEADER_BYTES})`
      : `not HTTP: ${error.message}`
    this.#logClosed(socket, 'HTTP connection closed', reason)
    if (tooLarge) {
      refuseUpgrade(socket, 431, 'Request Header Fields Too Large', reason)
    } else {
      refuseUpgrade(socket, 400, 'Bad Request', reason)
    }
  }

  #endLate(socket: Socket): void {
    if (socket.bytesRead === 0) {
      // Nothing was asked, so nothing is answered: a request that is on its way would get that for its own answer. Browsers connect so
      // in advance.
      socket.destroy()
      return
    }
    const { requestTimeoutMs = HTTP_HEADERS_TIMEOUT_MS } = this.#setup
    const reason = `no complete request within HTTP_HEADERS_TIMEOUT_MS (${requestTimeoutMs})`
    this.#logClosed(socket, 'HTTP connection closed', reason)
    refuseUpgrade(socket, 408, 'Request Timeout', reason)
  }
}

/** A site that has nothing. */
const NOTHING: HttpSite = { routers: [], roots: [], crossOrigin: false }
