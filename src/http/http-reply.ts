import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { SERVER_NAME, SlicedText } from '../base/index.ts'
import { nodeHttp, SocketSink, sendSlices } from '../net/index.ts'
import { corsHeadersOf, type HttpReply, streamingHeaders } from './media-exchange.ts'
import { TEXT } from './plain-answers.ts'

const NOTHING = new Uint8Array()

/** Sockets that left the rule of HTTP/1.1: streaming bodies and WebSockets. */
export interface TakenOverSockets {
  /** Whether it has. */
  has(socket: Socket): boolean
  /** From now on it has, until it is closed. */
  add(socket: Socket): void
  /** A request came behind it whose answer would mix with what is streamed: closes it. */
  closeBehindStream(socket: Socket): void
}

/** The reply of a request by either version of HTTP, as the server sees it. */
export interface ServerReply extends HttpReply {
  /** What the handler would say if no static file answered the request; null if it answers itself. */
  readonly missingMessage: string | null
  /** Ends the exchange after a fault: 500, or the end of the connection if an answer has begun. */
  fail(): void
}

/** How replies are given. */
export type ReplyOptions = Readonly<{
  /** Whether pages of other origins may read them. */
  crossOrigin: boolean
  /** See `HttpServerSetup.answerStallTimeoutMs`. */
  stallTimeoutMs: number
}>

/**
 * Gives up an answer with an end of which the client takes nothing for so long: who asks for much and reads nothing would keep it
 * in memory for ever.
 */
export function endWhenStalled(response: ServerResponse | Http2ServerResponse, stallTimeoutMs: number): void {
  if (response instanceof nodeHttp.ServerResponse) {
    response.setTimeout(stallTimeoutMs, () => response.destroy())
  } else if (!response.stream.destroyed) {
    response.stream.setTimeout(stallTimeoutMs, () => response.stream.close(constants.NGHTTP2_CANCEL))
  }
}

abstract class Reply {
  missingMessage: string | null = null
  protected readonly stallTimeoutMs: number
  readonly #isHead: boolean
  readonly #crossOrigin: boolean

  constructor(isHead: boolean, options: ReplyOptions) {
    this.#isHead = isHead
    this.#crossOrigin = options.crossOrigin
    this.stallTimeoutMs = options.stallTimeoutMs
  }

  protected get isHead(): boolean {
    return this.#isHead
  }

  protected get crossOrigin(): boolean {
    return this.#crossOrigin
  }

  send(
    status: number,
    contentType: string,
    body: string | Uint8Array | SlicedText,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const all = {
      server: SERVER_NAME,
      ...corsHeadersOf(this.#crossOrigin),
      'content-type': contentType,
      'content-length': bytes.byteLength,
      ...headers,
    }
    this.sendWhole(status, all, this.#isHead ? NOTHING : bytes)
    if (this.#isHead && bytes instanceof SlicedText) {
      bytes.release()
    }
  }

  /** Says that the server failed; why stands in its log. */
  protected sendFailure(): void {
    this.send(500, TEXT, 'Internal Server Error\n')
  }

  protected abstract sendWhole(
    status: number,
    headers: OutgoingHttpHeaders,
    body: Uint8Array | SlicedText,
  ): void

  missing(message: string): void {
    this.missingMessage = message
  }
}

/** The reply of a request by HTTP/1.1: a streaming body ends with the connection (RFC 9112, 6.3), which is the sink's. */
export class Http1Reply extends Reply implements ServerReply {
  readonly #socket: Socket
  readonly #response: ServerResponse
  readonly #takenOver: TakenOverSockets

  /** Nothing is answered yet. */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    options: ReplyOptions,
    takenOver: TakenOverSockets,
  ) {
    super(request.method === 'HEAD', options)
    this.#socket = request.socket
    this.#response = response
    this.#takenOver = takenOver
  }

  /** See `HttpReply`. */
  get closed(): boolean {
    return this.#socket.destroyed
  }

  /** See `HttpReply`. */
  onClose(listener: () => void): void {
    if (this.#socket.destroyed) {
      listener()
    } else {
      this.#socket.once('close', listener)
    }
  }

  /** See `HttpReply`. */
  stream(contentType: string, idleTimeoutMs = 0): SocketSink {
    const socket = this.#socket
    if (this.#response.socket !== socket || this.#takenOver.has(socket)) {
      // Behind another request whose answer is not complete: the bodies would run into each other.
      this.#takenOver.closeBehindStream(socket)
    }
    this.#takenOver.add(socket)
    socket.setTimeout(idleTimeoutMs, () => socket.destroy())
    const sink = new SocketSink(socket)
    const headers = { ...streamingHeaders(contentType, this.crossOrigin), connection: 'close' }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    sink.write(Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`, 'latin1'))
    if (this.isHead) {
      sink.end()
    }
    return sink
  }

  protected override sendWhole(
    status: number,
    headers: OutgoingHttpHeaders,
    body: Uint8Array | SlicedText,
  ): void {
    const answer = this.#response
    endWhenStalled(answer, this.stallTimeoutMs)
    answer.writeHead(status, headers)
    if (body instanceof Uint8Array) {
      answer.end(body)
      return
    }
    void sendSlices(answer, body.slices, () => {
      if (!this.#socket.destroyed) {
        body.release()
      }
    })
  }

  /** See `ServerReply`. */
  fail(): void {
    if (this.#response.headersSent || this.#takenOver.has(this.#socket)) {
      this.#socket.destroy()
    } else {
      this.sendFailure()
    }
  }
}

/** The reply of a request by HTTP/2: a streaming body is one stream of a connection that may have many (RFC 9113). */
export class Http2Reply extends Reply implements ServerReply {
  readonly #response: Http2ServerResponse

  /** Nothing is answered yet. */
  constructor(request: Http2ServerRequest, response: Http2ServerResponse, options: ReplyOptions) {
    super(request.method === 'HEAD', options)
    this.#response = response
  }

  /** See `HttpReply`. */
  get closed(): boolean {
    return this.#response.stream.destroyed
  }

  /** See `HttpReply`. */
  onClose(listener: () => void): void {
    const { stream } = this.#response
    if (stream.destroyed) {
      listener()
    } else {
      stream.once('close', listener)
    }
  }

  /** See `HttpReply`. */
  stream(contentType: string, idleTimeoutMs = 0): SocketSink {
    const { stream } = this.#response
    if (!stream.destroyed) {
      stream.setTimeout(idleTimeoutMs, () => stream.close(constants.NGHTTP2_CANCEL))
      stream.respond({ ':status': 200, ...streamingHeaders(contentType, this.crossOrigin) })
    }
    return new SocketSink(stream)
  }

  protected override sendWhole(
    status: number,
    headers: OutgoingHttpHeaders,
    body: Uint8Array | SlicedText,
  ): void {
    const answer = this.#response
    endWhenStalled(answer, this.stallTimeoutMs)
    answer.writeHead(status, headers)
    if (body instanceof Uint8Array) {
      answer.end(body)
      return
    }
    // Not released: that HTTP/2 has taken it does not say that it has been sent.
    void sendSlices(answer, body.slices, () => {})
  }

  /** See `ServerReply`. */
  fail(): void {
    if (this.#response.headersSent) {
      this.#response.stream.destroy()
    } else {
      this.sendFailure()
    }
  }
}
