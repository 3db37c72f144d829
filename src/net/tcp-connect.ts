import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsClientOptions } from './open-connection.ts'

/** Where to connect, and what to do with what comes. */
export type ConnectOptions = Readonly<{
  /** IP address; a name is looked up anew for every connection, see `findAddress`. */
  host: string
  /** TCP port. */
  port: number
  /** TLS with these options (`servername` if `host` is not the name in the certificate); null is plain TCP. Default: null. */
  tls?: TlsClientOptions | null
  /** Called once, when bytes can be written: the connection is made, that of TLS included. */
  onConnect?: () => void
  /** Every read goes to its start. May be shared by any number of connections: its bytes are used up before the next read. */
  buffer: Uint8Array
  /** Called for every read: `length` bytes are in `buffer` until this returns. */
  onRead: (length: number) => void
}>

/**
 * Opens a TCP or TLS connection that allocates nothing for what it reads, for programs that hold thousands of them. The socket's
 * events ('error', 'close') are the caller's to hear; 'data' is not emitted. Write through a `SocketSink`.
 */
export function connectTcp({ host, port, tls = null, onConnect, buffer, onRead }: ConnectOptions): Socket {
  const onread = {
    buffer,
    callback(length: number) {
      onRead(length)
      return true
    },
  }
  const socket =
    tls === null ? connect({ host, port, onread }) : connectTls({ ...tls, host, port, ...{ onread } })
  if (onConnect !== undefined) {
    socket.once(tls === null ? 'connect' : 'secureConnect', onConnect)
  }
  return socket
}

/**
 * Looks a name up once for many connections: the first of its addresses that takes a connection on `port`, or the first if
 * none does. An IP address is returned as it is, and is not tried.
 * @throws Error of `node:dns` if there is no such name
 */
export async function findAddress(host: string, port: number): Promise<string> {
  if (isIP(host) !== 0) {
    return host
  }
  const addresses = (await lookup(host, { all: true })).map(({ address }) => address)
  for (const address of addresses.length > 1 ? addresses : []) {
    if (await accepts(address, port)) {
      return address
    }
  }
  return addresses[0] ?? host
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.setTimeout(ADDRESS_TRIAL_TIMEOUT_MS, () => socket.destroy())
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('error', () => {})
    socket.once('close', () => resolve(false))
  })
}

/** How long `findAddress` tries one address, ms. */
const ADDRESS_TRIAL_TIMEOUT_MS = 3_000
