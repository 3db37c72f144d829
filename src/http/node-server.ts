import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import {
  type ListenOptions,
  TCP_KEEP_ALIVE_DELAY_MS,
  type TlsCredentials,
  tlsServerOptions,
} from '../net/index.ts'

/** Request line and headers together, bytes; more is answered 431 and closed. */
export const MAX_HTTP_HEADER_BYTES: number = 16 * 1024

/** Time for the request's headers, ms. */
export const HTTP_HEADERS_TIMEOUT_MS = 10_000

/** How often connections are looked at for that, ms: so much later at most they are closed. */
const HTTP_HEADERS_CHECK_INTERVAL_MS = 1_000

/** A connection that asks nothing more for so long is closed, ms: longer than the minute after which proxies close theirs. */
const HTTP_KEEP_ALIVE_TIMEOUT_MS = 72_000

const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: MAX_HTTP_HEADER_BYTES,
  headersTimeout: HTTP_HEADERS_TIMEOUT_MS,
  requestTimeout: HTTP_HEADERS_TIMEOUT_MS,
  connectionsCheckingInterval: HTTP_HEADERS_CHECK_INTERVAL_MS,
  keepAliveTimeout: HTTP_KEEP_ALIVE_TIMEOUT_MS,
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
}

/** Node's HTTP server, within our limits. */
export function createNodeServer(onRequest: RequestListener): Server {
  return createServer(SERVER_OPTIONS, onRequest)
}

/** Node's HTTPS server, within our limits. */
export function createSecureNodeServer(
  credentials: TlsCredentials,
  options: ListenOptions,
  onRequest: RequestListener,
): SecureServer {
  return createSecureServer({ ...SERVER_OPTIONS, ...tlsServerOptions(credentials, options) }, onRequest)
}
