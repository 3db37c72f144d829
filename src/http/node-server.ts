import type { RequestListener, Server, ServerOptions } from 'node:http'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import {
  type ListenTuning,
  nodeHttp,
  TCP_KEEP_ALIVE_DELAY_MS,
  type TlsCredentials,
  tlsServerOptions,
} from '../net/index.ts'

/** Request line and headers together, bytes; more is answered 431 and closed. */
export const MAX_HTTP_HEADER_BYTES: number = 16 * 1024

/** Time for a request, its body included, ms. */
export const HTTP_HEADERS_TIMEOUT_MS = 10_000

/** Requests of one HTTP/2 connection that may be under way at once; more are refused. */
export const MAX_HTTP2_STREAMS = 100

/**
 * Memory of one HTTP/2 connection, MB, its answers under way included; past it new requests are refused. Two of the largest HLS
 * segments: by Node's default, 10, a player could not ask for its playlist while such a segment came.
 */
export const MAX_HTTP2_SESSION_MEMORY_MB = 72

/** How often connections are looked at for that, ms: so much later at most they are closed. */
const HTTP_HEADERS_CHECK_INTERVAL_MS = 1_000

/** How long Node waits on top of `idleTimeoutMs`, as who is told of it may send a request just before it is over, ms. */
const KEEP_ALIVE_BUFFER_MS = 1_000

/** A connection that asks nothing more for so long is closed, ms: longer than the minute after which proxies close theirs. */
const HTTP_KEEP_ALIVE_TIMEOUT_MS = 72_000

/** How long connections are waited for. */
export type HttpTimes = Readonly<{
  /** For a request with its body, ms. Default `HTTP_HEADERS_TIMEOUT_MS`. */
  requestTimeoutMs?: number
  /** For the next request, ms. Default 72 s. */
  idleTimeoutMs?: number
}>

function serverOptions({
  requestTimeoutMs = HTTP_HEADERS_TIMEOUT_MS,
  idleTimeoutMs = HTTP_KEEP_ALIVE_TIMEOUT_MS,
}: HttpTimes): ServerOptions {
  return {
    noDelay: true,
    maxHeaderSize: MAX_HTTP_HEADER_BYTES,
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(HTTP_HEADERS_CHECK_INTERVAL_MS, requestTimeoutMs),
    keepAliveTimeout: idleTimeoutMs,
    keepAliveTimeoutBuffer: Math.min(KEEP_ALIVE_BUFFER_MS, idleTimeoutMs),
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
  }
}

/** Answers requests of either version of HTTP. */
export type AnyRequestListener = RequestListener &
  ((request: Http2ServerRequest, response: Http2ServerResponse) => void)

/** Node's HTTP server, within our limits. */
export function createNodeServer(times: HttpTimes, onRequest: RequestListener): Server {
  return nodeHttp.createServer(serverOptions(times), onRequest)
}

/** Node's HTTPS server, within our limits: HTTP/2 for who asks for it by ALPN (RFC 7301), else HTTP/1.1. */
export function createSecureNodeServer(
  credentials: TlsCredentials,
  options: ListenTuning,
  times: HttpTimes,
  onRequest: AnyRequestListener,
): Http2SecureServer {
  const secureOptions: SecureServerOptions & ServerOptions = {
    ...serverOptions(times),
    ...tlsServerOptions(credentials, options),
    allowHTTP1: true,
    maxSessionMemory: MAX_HTTP2_SESSION_MEMORY_MB,
    settings: {
      maxConcurrentStreams: MAX_HTTP2_STREAMS,
      maxHeaderListSize: MAX_HTTP_HEADER_BYTES,
      enablePush: false,
    },
  }
  const server = createSecureServer(secureOptions, onRequest)
  server.on('session', closeWhenIdle)
  return server
}

/** As HTTP/1.1 connections on which nothing is asked are closed. */
function closeWhenIdle(session: ServerHttp2Session): void {
  let streams = 0
  session.on('stream', (stream, _headers, flags) => {
    streams++
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0) {
      closeWhenLate(stream)
    }
    stream.once('close', () => {
      streams--
    })
  })
  session.setTimeout(HTTP_KEEP_ALIVE_TIMEOUT_MS, () => {
    if (streams === 0) {
      session.close()
    }
  })
}

/** Cancels a request whose end does not come in time; by HTTP/1.1, Node looks for those itself. */
function closeWhenLate(stream: ServerHttp2Stream): void {
  const timer = setTimeout(() => {
    // Whether it is read does not matter: nobody may want it.
    if (stream.state.state === constants.NGHTTP2_STREAM_STATE_OPEN) {
      stream.close(constants.NGHTTP2_CANCEL)
    }
  }, HTTP_HEADERS_TIMEOUT_MS)
  stream.once('close', () => clearTimeout(timer))
}
