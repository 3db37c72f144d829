import type { Socket } from 'node:net'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import type {
  BoundAddress,
  ListenerAddress,
  ListenerOptions,
  ListenTuning,
  TcpListenAddress,
} from './address.ts'
import { type ListenerCommons, listenOn, type TcpListener, tcpServerOptions } from './tcp-listener.ts'
import { MIN_TLS_VERSION, TLS_HANDSHAKE_TIMEOUT_MS, type TlsCredentials } from './tls-credentials.ts'

/** A TLS listener. */
export type TlsListener<Address extends ListenerAddress = ListenerAddress> = TcpListener<Address> &
  Readonly<{
    /** Uses other credentials for connections that come from now on; those there are live on. */
    useCredentials(credentials: TlsCredentials): void
  }>

/** What a TLS listener tells. */
export type TlsHandlers = Readonly<{
  /** The handshake is done: the socket, which the callee owns from then on. */
  onSocket(socket: Socket): void
  /** A client was closed because its handshake failed; `reason` is fit for a log. */
  onFailure(socket: Socket, reason: string): void
}>

/**
 * Listens on TCP, and hands every socket over when its TLS handshake is done.
 * @param purpose what the port is for, named in errors
 * @throws ServerError ERR_LISTEN if the address can't be had
 */
export function listenTls(
  options: ListenerOptions & TcpListenAddress,
  credentials: TlsCredentials,
  purpose: string,
  handlers: TlsHandlers,
  commons?: ListenerCommons,
): Promise<TlsListener<BoundAddress>>
export function listenTls(
  options: ListenerOptions,
  credentials: TlsCredentials,
  purpose: string,
  handlers: TlsHandlers,
  commons?: ListenerCommons,
): Promise<TlsListener>
export async function listenTls(
  options: ListenerOptions,
  credentials: TlsCredentials,
  purpose: string,
  handlers: TlsHandlers,
  commons: ListenerCommons = {},
): Promise<TlsListener> {
  const server = createServer({ ...tcpServerOptions, ...tlsServerOptions(credentials, options) })
  server.on('secureConnection', (socket) => handlers.onSocket(socket))
  handleTlsFailures(server, options, handlers.onFailure)
  const listener = await listenOn(server, options, purpose, commons)
  return {
    ...listener,
    useCredentials: (next) => server.setSecureContext(tlsServerOptions(next, options)),
  }
}

/** Options of `node:tls`'s and `node:https`'s `createServer` and `setSecureContext`. */
export function tlsServerOptions({ cert, key }: TlsCredentials, options: ListenTuning): TlsOptions {
  return { cert, key, minVersion: MIN_TLS_VERSION, handshakeTimeout: handshakeTimeoutOf(options) }
}

/** Closes a client whose handshake fails, and tells why. */
export function handleTlsFailures(
  server: Server,
  options: ListenTuning,
  onFailure: (socket: Socket, reason: string) => void,
): void {
  // An HTTPS server has a listener that would answer in HTTP.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    onFailure(socket, explainTlsFailure(error, handshakeTimeoutOf(options)))
    socket.destroy()
  })
}

function handshakeTimeoutOf({ tlsHandshakeTimeoutMs = TLS_HANDSHAKE_TIMEOUT_MS }: ListenTuning): number {
  return tlsHandshakeTimeoutMs
}

/** OpenSSL's words for the commonest mistakes, in those of who made them. */
function explainTlsFailure(error: NodeJS.ErrnoException, handshakeTimeoutMs: number): string {
  switch (error.code) {
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return `no TLS handshake within tlsHandshakeTimeoutMs (${handshakeTimeoutMs})`
    case 'ECONNRESET':
      return 'the client left before the TLS handshake was done'
    case 'ERR_SSL_HTTP_REQUEST':
      return 'the client does not speak TLS, but plain HTTP'
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the client does not speak TLS'
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return `the client speaks no TLS from ${MIN_TLS_VERSION} on`
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN':
      return 'the client does not trust the certificate'
    default:
      return `the TLS handshake failed: ${error.message.trim()}`
  }
}
