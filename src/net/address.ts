import type { AddressInfo, Server } from 'node:net'
import { ServerError, toError } from '../base/index.ts'
import type { ProxyProtocolOptions } from './proxy-protocol.ts'

/** Where to listen. */
export type ListenOptions = Readonly<{
  /** IP address or host name. Default '127.0.0.1'; '' means every interface, IPv6 and IPv4. */
  host?: string
  /** TCP port; 0 takes a free one. */
  port: number
  /**
   * Proxies stand in front, and say who the client is (PROXY protocol): their word is taken, and connections without it
   * are closed. Default false.
   */
  proxyProtocol?: boolean | ProxyProtocolOptions
  /**
   * Where TLS is spoken: a client that has not ended its handshake after so long is closed, ms. Default 10 000
   * (`TLS_HANDSHAKE_TIMEOUT_MS`).
   */
  tlsHandshakeTimeoutMs?: number
}>

/** Where a listener ended up. */
export type BoundAddress = Readonly<{
  /** The address bound, e.g. '127.0.0.1' or '::'. */
  host: string
  /** The port bound. */
  port: number
}>

/** `host:port`, with brackets round an IPv6 address; an empty host reads as `*`. */
export function formatHostPort(host: string, port: number): string {
  return `${host === '' ? '*' : host.includes(':') ? `[${host}]` : host}:${port}`
}

/** A host that a person can put in a URL for an address that was bound: `localhost` for a wildcard address. */
export function connectableHost(boundHost: string): string {
  if (boundHost === '' || boundHost === '::' || boundHost === '0.0.0.0') {
    return 'localhost'
  }
  return boundHost.includes(':') ? `[${boundHost}]` : boundHost
}

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT`, `:PORT` or `PORT` (no host: every interface).
 * @throws ServerError ERR_CONFIGURATION naming what is wrong
 */
export function parseHostPort(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65535) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `'${text}' is not HOST:PORT, e.g. 0.0.0.0:1935, [::1]:8080 or :1935`,
    )
  }
  return { host: match[1] ?? match[2] ?? '', port }
}

/**
 * Starts `server` listening.
 * @param purpose what the port is for, named in the error, e.g. 'RTMP'
 * @throws ServerError ERR_LISTEN that says which address and why
 */
export function listen(server: Server, options: ListenOptions, purpose: string): Promise<BoundAddress> {
  const host = options.host ?? '127.0.0.1'
  return new Promise((resolve, reject) => {
    function onError(error: NodeJS.ErrnoException): void {
      const where = formatHostPort(host, options.port)
      reject(
        new ServerError('ERR_LISTEN', `cannot listen on ${where} for ${purpose}: ${explain(error)}`, {
          cause: error,
        }),
      )
    }
    server.once('error', onError)
    try {
      server.listen({ port: options.port, ...(host === '' ? {} : { host }) }, () => {
        server.off('error', onError)
        // From now on an error means that one client could not be accepted; unheard, it would end the process.
        server.on('error', () => {})
        resolve(boundAddress(server))
      })
    } catch (error) {
      // A port that is no port is not reported by the event.
      server.off('error', onError)
      onError(toError(error))
    }
  })
}

/** The address a listening server is bound to. */
export function boundAddress(server: Server): BoundAddress {
  const address = server.address() as AddressInfo
  return { host: address.address, port: address.port }
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'the port is taken by another program; stop that program or choose another port'
    case 'EACCES':
      return 'the system does not allow it; ports below 1024 need more rights, choose a higher one'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address'
    default:
      return error.message
  }
}
