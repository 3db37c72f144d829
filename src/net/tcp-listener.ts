import { createServer, type Server, type ServerOpts, type Socket } from 'node:net'
import { type BoundAddress, type ListenOptions, listen } from './address.ts'

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

/**
 * Listens on TCP and hands every accepted socket to `onSocket`, which owns it from then on.
 * @param purpose what the port is for, named in errors
 * @throws ServerError ERR_LISTEN if the address can't be had
 */
export function listenTcp(
  options: ListenOptions,
  purpose: string,
  onSocket: (socket: Socket) => void,
): Promise<TcpListener> {
  return listenOn(createServer(tcpServerOptions, onSocket), options, purpose)
}

/**
 * Starts a server that was made with what is to happen to its connections.
 * @param purpose what the port is for, named in errors
 * @throws ServerError ERR_LISTEN if the address can't be had
 */
export async function listenOn(
  server: Server,
  options: ListenOptions,
  purpose: string,
): Promise<TcpListener> {
  const address = await listen(server, options, purpose)
  let closing: Promise<void> | null = null
  return {
    address,
    close() {
      closing ??= new Promise((resolve) => server.close(() => resolve()))
      return closing
    },
  }
}
