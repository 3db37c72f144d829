import { createServer, type Socket } from 'node:net'
import { type BoundAddress, type ListenOptions, listen } from './address.ts'

/** A peer that says nothing for so long is probed by TCP, so that one whose machine vanished is noticed at all. */
const KEEP_ALIVE_DELAY_MS = 30_000

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
export async function listenTcp(
  options: ListenOptions,
  purpose: string,
  onSocket: (socket: Socket) => void,
): Promise<TcpListener> {
  const server = createServer(
    { noDelay: true, allowHalfOpen: false, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS },
    onSocket,
  )
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
