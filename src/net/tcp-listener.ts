import { createServer, type Server, type ServerOpts, type Socket } from 'node:net'
import type { Logger } from '../base/index.ts'
import { type BoundAddress, type ListenOptions, listen } from './address.ts'
import { ConnectionFront } from './connection-front.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { resolveProxyTrust } from './proxy-protocol.ts'

/** A peer that says nothing for so long is probed by TCP, so that one whose machine vanished is noticed at all, ms. */
export const TCP_KEEP_ALIVE_DELAY_MS = 30_000

/** Options of `node:net`'s `createServer`, and of those built upon it. */
export const tcpServerOptions: ServerOpts = {
  noDelay: true,
  allowHalfOpen: false,
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
}

/** A TCP listener that is accepting connections. */
export type TcpListener = Readonly<{
  /** Where it listens. */
  address: BoundAddress
  /** Stops accepting; resolves when the port is free and every accepted socket has closed. Idempotent. */
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
}>

/**
 * Listens on TCP and hands every accepted socket to `onSocket`, which owns it from then on.
 * @param purpose what the port is for, named in errors
 * @throws ServerError ERR_LISTEN if the address can't be had, ERR_CONFIGURATION if `proxyProtocol` can't be used
 */
export function listenTcp(
  options: ListenOptions,
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
  options: ListenOptions,
  purpose: string,
  { limits, logger, sharedReads = false }: ListenerCommons = {},
): Promise<TcpListener> {
  const front = new ConnectionFront(server, {
    purpose,
    limits: limits ?? null,
    proxies: resolveProxyTrust(options.proxyProtocol),
    sharedReads,
    ...(logger === undefined ? {} : { logger }),
  })
  const address = await listen(server, options, purpose)
  let closing: Promise<void> | null = null
  return {
    address,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve())
        front.close()
      })
      return closing
    },
  }
}
