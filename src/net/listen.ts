import { type AddressInfo, type ListenOptions as NetListenOptions, Server } from 'node:net'
import { ServerError, toError } from '../base/index.ts'
import {
  type BoundAddress,
  DEFAULT_BACKLOG,
  DEFAULT_UNIX_SOCKET_MODE,
  formatListenAddress,
  type ListenerAddress,
  type ListenerOptions,
  LOOPBACK_HOST,
} from './address.ts'
import { bindWithMode, type NascentUnixSocket, prepareUnixSocket } from './unix-socket.ts'

/** A server that listens. */
export type Listening = Readonly<{
  /** Where. */
  address: ListenerAddress
  /** Listens no longer: the address is free when this returns. Who is connected stays. Idempotent. */
  stop(): void
}>

/**
 * Starts `server` listening.
 * @param purpose what the address is for, named in the error, e.g. 'RTMP'
 * @throws ServerError ERR_LISTEN that says which address and why
 */
export async function listen(server: Server, options: ListenerOptions, purpose: string): Promise<Listening> {
  const backlog = options.backlog ?? DEFAULT_BACKLOG
  if (!('path' in options)) {
    const { host = LOOPBACK_HOST, port, ipv6Only = false } = options
    await bind(server, { port, backlog, ipv6Only, ...(host === '' ? {} : { host }) }, options, purpose)
    return { address: boundAddress(server), stop: () => stopListening(server) }
  }
  const { path, mode = DEFAULT_UNIX_SOCKET_MODE } = options
  const socket = await prepareUnixSocket(path, mode, purpose)
  await bindWithMode(mode, () => bind(server, { path: socket.temporaryPath, backlog }, options, purpose))
  completeUnixSocket(server, socket, options, purpose)
  return {
    address: { path },
    stop() {
      if (server.listening) {
        stopListening(server)
        socket.remove()
      }
    },
  }
}

/** The address a listening TCP server is bound to. */
export function boundAddress(server: Server): BoundAddress {
  const address = server.address() as AddressInfo
  return { host: address.address, port: address.port }
}

function bind(
  server: Server,
  where: NetListenOptions,
  options: ListenerOptions,
  purpose: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    function onError(error: NodeJS.ErrnoException): void {
      reject(listenFault(error, options, purpose))
    }
    server.once('error', onError)
    try {
      server.listen(where, () => {
        server.off('error', onError)
        // From now on an error means that one client could not be accepted; unheard, it would end the process.
        server.on('error', () => {})
        resolve()
      })
    } catch (error) {
      // A port that is no port is not reported by the event.
      server.off('error', onError)
      onError(toError(error))
    }
  })
}

function completeUnixSocket(
  server: Server,
  socket: NascentUnixSocket,
  options: ListenerOptions,
  purpose: string,
): void {
  try {
    socket.complete()
  } catch (error) {
    stopListening(server)
    socket.remove()
    throw listenFault(toError(error), options, purpose)
  }
}

/** An HTTP server's own `close` would close the connections on which nothing is being answered just now. */
function stopListening(server: Server): void {
  Server.prototype.close.call(server)
}

function listenFault(cause: NodeJS.ErrnoException, options: ListenerOptions, purpose: string): ServerError {
  const where = formatListenAddress(options)
  return new ServerError(
    'ERR_LISTEN',
    `cannot listen on ${where} for ${purpose}: ${explain(cause, 'path' in options)}`,
    { cause },
  )
}

function explain(error: NodeJS.ErrnoException, isUnix: boolean): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'the port is taken by another program; stop that program or choose another port'
    case 'EACCES':
      return isUnix
        ? 'this user may not make a file there; choose another folder'
        : 'the system does not allow it; ports below 1024 need more rights, choose a higher one'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address'
    default:
      return error.message
  }
}
