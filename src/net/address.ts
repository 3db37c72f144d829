import { ServerError } from '../base/index.ts'
import type { ProxyProtocolOptions } from './proxy-protocol.ts'

/** A TCP address to listen on. */
export type TcpListenAddress = Readonly<{
  /** IP address or host name. Default '127.0.0.1'; '' means every interface, IPv6 and IPv4. */
  host?: string
  /** TCP port; 0 takes a free one. */
  port: number
}>

/** A Unix socket to listen on. */
export type UnixListenAddress = Readonly<{
  /** Where its file is made, at most `MAX_UNIX_PATH_BYTES` long; it is removed when the listener closes. */
  path: string
  /** Who may connect: the file's permission bits. Default `0o660`: this user and the file's group. */
  mode?: number
}>

/** An address to listen on. */
export type ListenAddress = TcpListenAddress | UnixListenAddress

/** How addresses are listened on, whatever they are. */
export type ListenTuning = Readonly<{
  /**
   * Connections that the system keeps until they are accepted; more are refused. Default 511 (`DEFAULT_BACKLOG`); the system has a
   * limit of its own, on Linux `net.core.somaxconn`.
   */
  backlog?: number
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

/** Where to listen: on one address, or on several. */
export type ListenOptions = ListenTuning &
  (
    | ListenAddress
    | Readonly<{
        /** Each is listened on, or none is. */
        addresses: readonly ListenAddress[]
      }>
  )

/** One listener: its address, and how it is listened on. */
export type ListenerOptions = ListenAddress &
  ListenTuning &
  Readonly<{
    /** `host: '::'` takes no IPv4 clients, so that another listener can have the port there. Default false. */
    ipv6Only?: boolean
  }>

/** Where a TCP listener ended up. */
export type BoundAddress = Readonly<{
  /** The address bound, e.g. '127.0.0.1' or '::'. */
  host: string
  /** The port bound. */
  port: number
}>

/** The file of a Unix socket that is listened on. */
export type BoundUnixSocket = Readonly<{ path: string }>

/** Where a listener ended up. */
export type ListenerAddress = BoundAddress | BoundUnixSocket

/** Default of `backlog`: Node's, and about SRS's. */
export const DEFAULT_BACKLOG = 511

/** Default of a Unix socket's `mode`. */
export const DEFAULT_UNIX_SOCKET_MODE = 0o660

/** Default host. */
export const LOOPBACK_HOST = '127.0.0.1'

/** What stands before the path of a Unix socket where an address is written as text. */
const UNIX_PREFIX = 'unix:'

/** `host:port`, with brackets round an IPv6 address; an empty host reads as `*`. */
export function formatHostPort(host: string, port: number): string {
  return `${host === '' ? '*' : host.includes(':') ? `[${host}]` : host}:${port}`
}

/** `host:port` or `unix:/path`. */
export function formatListenAddress(address: ListenAddress): string {
  return 'path' in address
    ? `${UNIX_PREFIX}${address.path}`
    : formatHostPort(address.host ?? LOOPBACK_HOST, address.port)
}

/** A host that a person can put in a URL for an address that was bound: `localhost` for a wildcard address. */
export function connectableHost(boundHost: string): string {
  if (isWildcardHost(boundHost)) {
    return 'localhost'
  }
  return boundHost.includes(':') ? `[${boundHost}]` : boundHost
}

/** Whether a host means every interface, of IPv4, IPv6 or both. */
export function isWildcardHost(host: string): boolean {
  return host === '' || host === '::' || host === '0.0.0.0'
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
 * Reads what `parseHostPort` reads, and `unix:/path`.
 * @throws ServerError ERR_CONFIGURATION naming what is wrong
 */
export function parseListenAddress(text: string): ListenAddress {
  if (!text.startsWith(UNIX_PREFIX)) {
    return parseHostPort(text)
  }
  const path = text.slice(UNIX_PREFIX.length)
  if (path === '') {
    throw new ServerError('ERR_CONFIGURATION', `'${text}' names no file: write e.g. unix:/run/srs/rtmp.sock`)
  }
  return { path }
}

/**
 * The addresses that options name, each once: of a port on every interface (host '') the wildcards of one family, which it
 * holds already, are left out.
 * @param purpose what they are for, named in errors
 * @throws ServerError ERR_CONFIGURATION if there is none, or the options say both one and several
 */
export function listenAddressesOf(options: ListenOptions, purpose: string): ListenAddress[] {
  const { addresses, path, port } = options as Partial<
    Record<'path' | 'port', unknown> & { addresses: readonly ListenAddress[] }
  >
  if ([addresses, path, port].filter((given) => given !== undefined).length !== 1) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `say where to listen for ${purpose} by one of \`port\`, \`path\` and \`addresses\``,
    )
  }
  const all = addresses ?? [options as ListenAddress]
  if (all.length === 0) {
    throw new ServerError('ERR_CONFIGURATION', `the \`addresses\` to listen on for ${purpose} are none`)
  }
  const kept = new Map<string, ListenAddress>()
  for (const [index, address] of all.entries()) {
    if (!all.some((other) => covers(other, address))) {
      // Every port 0 is a port of its own.
      const isFree = 'port' in address && address.port === 0
      kept.set(isFree ? `${index}` : formatListenAddress(address), addressOf(address))
    }
  }
  return [...kept.values()]
}

/** An address without what options say beside it. */
function addressOf(address: ListenAddress): ListenAddress {
  if ('path' in address) {
    return { path: address.path, ...(address.mode === undefined ? {} : { mode: address.mode }) }
  }
  return { host: address.host ?? LOOPBACK_HOST, port: address.port }
}

/** Whether `wide` is a port on every interface, and `address` the same port on those of one family. */
function covers(wide: ListenAddress, address: ListenAddress): boolean {
  return (
    'port' in wide &&
    'port' in address &&
    wide.host === '' &&
    wide.port !== 0 &&
    wide.port === address.port &&
    (address.host === '::' || address.host === '0.0.0.0')
  )
}
