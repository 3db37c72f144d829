import type { Socket } from 'node:net'
import { ProtocolError, TimeoutError, toError } from '../base/index.ts'
import { AddressList } from './address-list.ts'
import { peerOf, UNIX_PEER } from './peer.ts'
import { type ProxyHeader, type ProxyHeaderKind, readProxyHeader } from './proxy-header.ts'

/** Default of `headerTimeoutMs`, ms: a proxy sends its header with the first bytes. */
export const PROXY_HEADER_TIMEOUT_MS = 5_000

/** Proxies in front of a listener that say who their clients are. */
export type ProxyProtocolOptions = Readonly<{
  /** How they say it. Default `['v1', 'v2']`: the PROXY protocol. */
  kinds?: readonly ProxyHeaderKind[]
  /**
   * Addresses and networks of the proxies; anybody else is closed. Default: whoever can connect is believed. On a Unix socket
   * that is so in any case: its mode says who can.
   */
  trustedProxies?: readonly string[]
  /** A connection whose header is not complete after so long is closed, ms. Default 5000 (`PROXY_HEADER_TIMEOUT_MS`). */
  headerTimeoutMs?: number
}>

/** Whose word is taken, and in which form. */
export type ProxyTrust = Readonly<{
  /** How proxies say it. */
  kinds: readonly ProxyHeaderKind[]
  /** Null trusts everybody. */
  proxies: AddressList | null
  /** How long a header is waited for, ms. */
  headerTimeoutMs: number
}>

/**
 * What the options of a listener mean.
 * @param options true for the defaults; false or nothing for no proxies
 * @throws ServerError ERR_CONFIGURATION if an entry of `trustedProxies` is no address
 */
export function resolveProxyTrust(options: boolean | ProxyProtocolOptions | undefined): ProxyTrust | null {
  if (options === undefined || options === false) {
    return null
  }
  const given = options === true ? {} : options
  const { kinds = ['v1', 'v2'], trustedProxies, headerTimeoutMs = PROXY_HEADER_TIMEOUT_MS } = given
  const proxies = trustedProxies === undefined ? null : new AddressList(trustedProxies, 'trustedProxies')
  return { kinds, proxies, headerTimeoutMs }
}

/** What becomes of a header: one of the two is called, once, unless the connection is closed before. */
export type ProxyHeaderHandlers = Readonly<{
  /** The header is complete; what follows it can be read from the socket. */
  onHeader(header: ProxyHeader): void
  /** There is no header, or nobody trusted sent it. The callee closes the socket. */
  onError(error: Error): void
}>

/** Reads a header from a new connection, and leaves what follows in the socket. */
export function receiveProxyHeader(
  socket: Socket,
  { kinds, proxies, headerTimeoutMs }: ProxyTrust,
  handlers: ProxyHeaderHandlers,
): void {
  const { address } = peerOf(socket)
  if (proxies !== null && address !== UNIX_PEER.address && !proxies.has(address)) {
    handlers.onError(new ProtocolError(`${address} is not one of trustedProxies`))
    return
  }
  let received = Buffer.alloc(0)
  const timer = setTimeout(
    () => fail(new TimeoutError(`no complete header of a proxy within headerTimeoutMs (${headerTimeoutMs})`)),
    headerTimeoutMs,
  ).unref()
  socket.on('readable', onReadable)
  socket.on('error', ignore)
  socket.once('close', stop)

  function onReadable(): void {
    try {
      const bytes: Buffer | null = socket.read()
      received = bytes === null ? received : Buffer.concat([received, bytes])
      const header = readProxyHeader(received, kinds)
      if (header !== null) {
        stop()
        socket.unshift(received.subarray(header.length))
        handlers.onHeader(header)
      }
    } catch (error) {
      fail(toError(error))
    }
  }

  function fail(error: Error): void {
    stop()
    // Errors of what is being closed are nobody's concern.
    socket.on('error', ignore)
    handlers.onError(error)
  }

  function stop(): void {
    clearTimeout(timer)
    socket.off('readable', onReadable)
    socket.off('error', ignore)
    socket.off('close', stop)
  }
}

function ignore(): void {}
