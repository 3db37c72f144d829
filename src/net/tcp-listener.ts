import { createServer, type Server, type ServerOpts, type Socket } from 'node:net'
import type { Logger } from '../base/index.ts'
import type { BoundAddress, ListenerAddress, ListenerOptions, TcpListenAddress } from './address.ts'
import { ConnectionFront } from './connection-front.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { listen } from './listen.ts'
import { type ProxyTrust, resolveProxyTrust } from './proxy-protocol.ts'

/** A peer that says nothing for so long is probed by TCP, so that one whose machine vanished is noticed at all, ms. */
export const TCP_KEEP_ALIVE_DELAY_MS = 30_000

/** Options of `node:net`'s `createServer`, and of those built upon it. */
export const tcpServerOptions: ServerOpts = {
  noDelay: true,
  allowHalfOpen: false,
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
}

/** A listener on a TCP port or a Unix socket. */
export type TcpListener<Address extends ListenerAddress = ListenerAddress> = Readonly<{
  /** Where it listens. */
  address: Address
  /** Hands over the connections that were held (`ListenerCommons.held`), and from now on each that comes. Idempotent. */
  release(): void
  /** Takes other proxies' word, for connections that come from now on. */
  useProxies(proxies: ProxyTrust | null): void
  /** Stops accepting: the address is free when this returns. Connections that were accepted live on. Idempotent. */
  stop(): void
  /** Resolves when it has stopped and every accepted socket has closed. */
  drained: Promise<void>
  /**
   * Stops accepting, and closes what was not handed over yet; resolves when every accepted socket has closed. Idempotent.
   */
  close(): Promise<void>
}>

/** What a listener shares with the others of a server. */
export type ListenerCommons = Readonly<{
  /** Counts connections; without it, every one is taken. */
  limits?: ConnectionLimits
  /** Told of refused connections. */
  logger?: Logger
  /**
   * Hand over sockets that allocate nothing for what they read, to be read with `readSocket` only; those behind proxies do
   * allocate. Default false.
   */
  sharedReads?: boolean
  /**
   * Listen, but keep the connections that come until `release`, so that several listeners can start as one. Default false.
   */
  held?: boolean
}>

/**
 * Listens on TCP (or a Unix socket) and hands every accepted socket to `onSocket`, which owns it from then on.
 * @param purpose what the port is for, named in errors
 * @throws ServerError ERR_LISTEN if the address can't be had, ERR_CONFIGURATION if `proxyProtocol` can't be used
 */
export function listenTcp(
  options: ListenerOptions & TcpListenAddress,
  purpose: string,
  onSocket: (socket: Socket) => void,
  commons?: ListenerCommons,
): Promise<TcpListener<BoundAddress>>
export function listenTcp(
  options: ListenerOptions,
  purpose: string,
  onSocket: (socket: Socket) => void,
  commons?: ListenerCommons,
): Promise<TcpListener>
export function listenTcp(
  options: ListenerOptions,
  purpose: string,
  onSocket: (socket: Socket) => void,
  commons: ListenerCommons = {},
): Promise<TcpListener> {
  return listenOn(createServer(tcpServerOptions, onSocket), options, purpose, commons)
}

/**
 * Starts a server that was made with what is to happen to its connections.
 * @param purpose what the port is for, named in errors
 * @throws ServerError ERR_LISTEN if the address can't be had, ERR_CONFIGURATION if `proxyProtocol` can't be used
 */
export async function listenOn(
  server: Server,
  options: ListenerOptions,
  purpose: string,
  { limits, logger, sharedReads = false, held = false }: ListenerCommons = {},
): Promise<TcpListener> {
  const front = new ConnectionFront(server, {
    purpose,
    limits: limits ?? null,
    proxies: resolveProxyTrust(options.proxyProtocol),
    isUnix: 'path' in options,
    sharedReads,
    held,
    ...(logger === undefined ? {} : { logger }),
  })
  const { address, stop } = await listen(server, options, purpose)
  const drained = new Promise<void>((resolve) => server.once('close', resolve))
  return {
    address,
    release: () => front.release(),
    useProxies: (proxies) => front.useProxies(proxies),
    stop,
    drained,
    close() {
      stop()
      front.close()
      return drained
    },
  }
}
