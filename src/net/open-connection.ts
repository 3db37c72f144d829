import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { ServerError, TimeoutError } from '../base/index.ts'
import { formatHostPort } from './address.ts'

/** How a TLS server is believed; the names and forms are those of `node:tls`. */
export type TlsClientOptions = Readonly<
  Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>
>

/** Where to connect to as a client of another server, and for how long to try. */
export type OpenConnectionOptions = Readonly<{
  /** Name or IP address, without brackets. Of a name's addresses those that don't answer are passed over. */
  host: string
  /** TCP port. */
  port: number
  /** TLS with these options; null is plain TCP. */
  tls: TlsClientOptions | null
  /** Time for the connection, that of TLS included, ms. */
  timeoutMs: number
  /** Gives the attempt up; its reason is thrown. */
  signal?: AbortSignal | undefined
}>

/** A server that says nothing for so long is probed by TCP, so that one whose machine vanished is noticed at all. */
const KEEP_ALIVE_DELAY_MS = 30_000

/**
 * Opens a TCP or TLS connection to another server.
 * @returns the caller's, without listeners: it is to be listened to at once
 * @throws ServerError ERR_CONNECTION if it can't be had, TimeoutError if it takes longer than `timeoutMs`
 */
export function openConnection(options: OpenConnectionOptions): Promise<Socket> {
  const { host, port, tls, timeoutMs, signal } = options
  const where = formatHostPort(host, port)
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const tcp = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS }
    const socket = tls === null ? connectTcp(tcp) : connectTls({ ...serverNameFor(host), ...tls, ...tcp })
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.removeAllListeners(tls === null ? 'connect' : 'secureConnect')
      socket.removeListener('error', onError)
      socket.removeListener('close', onClose)
      settle()
    }
    const fail = (error: unknown): void =>
      finish(() => {
        // What a socket that is given up still has to say is of no interest, but unheard it would end the process.
        socket.on('error', () => {})
        socket.destroy()
        reject(error)
      })
    const onError = (cause: NodeJS.ErrnoException): void =>
      fail(
        new ServerError('ERR_CONNECTION', `no connection to ${where}: ${explain(cause, tls !== null)}`, {
          cause,
        }),
      )
    const onClose = (): void =>
      fail(new ServerError('ERR_CONNECTION', `no connection to ${where}: the server closed it at once`))
    const onAbort = (): void => fail(signal?.reason)
    const timer = setTimeout(
      () => fail(new TimeoutError(`no connection to ${where} within ${timeoutMs} ms (connectTimeoutMs)`)),
      timeoutMs,
    )
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.once(tls === null ? 'connect' : 'secureConnect', () => finish(() => resolve(socket)))
    socket.once('error', onError)
    socket.once('close', onClose)
  })
}

/** The name a TLS server is asked for (RFC 6066, section 3): there is none for an IP address. */
export function serverNameFor(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}

function explain(error: NodeJS.ErrnoException, tls: boolean): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host, or no name server to ask'
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the server does not speak TLS on that port'
    default:
      // An error for several addresses has no message of its own.
      return `${tls ? 'TLS: ' : ''}${error.message || error.code || 'it failed'}`
  }
}
