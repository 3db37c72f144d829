import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Socket } from 'node:net'
import {
  RELAY_TRAIL_HEADER,
  type RelayTrail,
  readRelayTrail,
  SERVER_NAME,
  type SlicedText,
} from '../base/index.ts'
import { type ForwardedHeaders, forwardedAddress, peerOf, SocketSink } from '../net/index.ts'

/** Headers that let players on any page read what we serve (Fetch standard, CORS protocol). */
export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': '*',
  'timing-allow-origin': '*',
}

/** `corsHeaders`, where they are wanted. */
export function corsHeadersOf(crossOrigin: boolean): Readonly<Record<string, string>> {
  return crossOrigin ? corsHeaders : {}
}

/** What a page is told that asks before it sends a request to another origin (Fetch standard, CORS preflight); as SRS says it. */
export function preflightHeaders(asked: IncomingHttpHeaders): Record<string, string> {
  return {
    'access-control-allow-methods': '*',
    // The star does not mean Authorization, so what is asked for is allowed by its name.
    'access-control-allow-headers': asked['access-control-request-headers'] ?? '*',
    'access-control-max-age': '86400',
  }
}

/** What a client asks of a route. */
export type HttpRequest = Readonly<{
  /** One of `HTTP_METHODS`. */
  method: string
  /** Decoded path without the leading slash, e.g. 'live/demo.flv'. */
  path: string
  /** What stands in the path where the route's pattern has names in braces. */
  pathParameters: Readonly<Record<string, string>>
  /** The query. */
  parameters: URLSearchParams
  /** The URL as written: path and query. */
  url: string
  /** As Node gives them: names in small letters. */
  headers: IncomingHttpHeaders
  /** The body, at most `MAX_HTTP_BODY_BYTES`; empty if there is none. */
  body: Uint8Array
  /** IP address of the client: the one connected, or the one for whom a trusted proxy asks (`forwardedAddress`). */
  address: string
  /** The page that embeds the player: Referer, or else Origin, which is all that browsers say of WebSockets; '' if not said. */
  pageUrl: string
  /** The Authorization header; '' if there is none. */
  authorization: string
  /** Servers that relay what is asked for, the one that asks last; none if it is no relay. */
  relayTrail: RelayTrail
  /** Bytes that have come on its connection so far; 0 by HTTP/2, where many requests share one. */
  bytesReceived: () => number
  /** Scheme and authority as the client wrote them, e.g. 'http://localhost:8080'. */
  origin: string
}>

/** How a route answers: once, by `send`, `stream` or `missing`. */
export interface HttpReply {
  /** True when the client is gone. */
  readonly closed: boolean
  /** Calls `listener` when the client is gone; at once if it already is. */
  onClose(listener: () => void): void
  /**
   * Answers with a whole body. A long text in slices goes out some of them in a turn of the event loop, so that media need not wait for
   * what the system does with all of it.
   * @param body taken over: not to be changed any more; a text in slices is released when the system has taken it
   */
  send(
    status: number,
    contentType: string,
    body: string | Uint8Array | SlicedText,
    headers?: Record<string, string>,
  ): void
  /**
   * Answers 200 with a body that goes on until a side closes: the header is sent, and the sink belongs to the caller. By
   * HTTP/1.1 there is no chunked framing: the bytes of the body are the bytes on the wire.
   * @param idleTimeoutMs the client is gone when nothing has gone out to it for so long, ms. Default 0: whoever writes sees to that
   */
  stream(contentType: string, idleTimeoutMs?: number): SocketSink
  /** There is nothing of the route's by that path: a static file of that path is served if there is one, else 404 with the message. */
  missing(message: string): void
}

/** Headers of a response whose body has no end. */
export function streamingHeaders(contentType: string, crossOrigin: boolean): Record<string, string> {
  return {
    server: SERVER_NAME,
    'content-type': contentType,
    'cache-control': 'no-store',
    // Proxies such as nginx would hold a live body back.
    'x-accel-buffering': 'no',
    ...corsHeadersOf(crossOrigin),
  }
}

/** An answer to a request whose socket is not under HTTP's rule any more (a refused upgrade); closes the socket. */
export function refuseUpgrade(socket: Socket, status: number, reason: string, message: string): void {
  const sink = new SocketSink(socket)
  const body = Buffer.from(`${message}\n`)
  const head = `HTTP/1.1 ${status} ${reason}\r\nserver: ${SERVER_NAME}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  sink.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
  sink.end()
}

const NO_BODY = new Uint8Array()

/** What is wrong with a URL that can't be decoded. */
export const MALFORMED_ESCAPE = 'the URL has a malformed escape'

/** Why the URL of a request is refused. */
export type BadUrl = Readonly<{ fault: string }>

/**
 * Reads the parts of a request that routes use, or says why its URL can't be used: as in SRS, none that goes up (`..`) is taken.
 * @param trusts whose word about a client's address is taken
 * @param body empty for what has none, or is not read yet
 */
export function readRequest(
  request: IncomingMessage | Http2ServerRequest,
  trusts: (address: string) => boolean,
  body: Uint8Array = NO_BODY,
): HttpRequest | BadUrl {
  const { method = 'GET', headers, socket } = request
  const { authority = headers[':authority'] ?? headers.host ?? 'localhost', url } = targetOf(request.url)
  const mark = url.indexOf('?')
  let path: string
  try {
    path = decodeURIComponent(mark < 0 ? url : url.slice(0, mark))
  } catch {
    return { fault: MALFORMED_ESCAPE }
  }
  if (path.split(/[/\\]/).includes('..')) {
    return { fault: "the URL has '..', which no path here needs" }
  }
  return {
    method,
    path: path.replace(/^\/+/, ''),
    pathParameters: {},
    parameters: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    url,
    headers,
    body,
    address: forwardedAddress(peerOf(socket).address, forwardedHeadersOf(headers), trusts),
    pageUrl: headers.referer ?? originOf(headers.origin),
    authorization: headers.authorization ?? '',
    relayTrail: readRelayTrail(headers[RELAY_TRAIL_HEADER]),
    bytesReceived: () => (request.httpVersionMajor === 2 ? 0 : socket.bytesRead),
    origin: `${'encrypted' in socket ? 'https' : 'http'}://${authority}`,
  }
}

/** A target may be a whole URL, as proxies get it; then its authority counts, and not that of Host (RFC 9112, 3.2.2). */
function targetOf(target = '/'): Readonly<{ url: string; authority?: string }> {
  const [, authority, path = ''] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(target) ?? []
  return authority === undefined
    ? { url: target }
    : { url: path.startsWith('/') ? path : `/${path}`, authority }
}

/** What comes more than once is joined by Node with commas, which is right for the one and makes no address of the other. */
function forwardedHeadersOf(headers: IncomingHttpHeaders): ForwardedHeaders {
  const textOf = (header: string | string[] | undefined): string => header?.toString() ?? ''
  return { forwardedFor: textOf(headers['x-forwarded-for']), realIp: textOf(headers['x-real-ip']) }
}

/** Origin of a page; '' if it is not said, or is `null`: a page that must not be known (RFC 6454, 7.3). */
function originOf(header: string | undefined): string {
  return header === undefined || header === 'null' ? '' : header
}
