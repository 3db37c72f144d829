import { ServerError } from '../base/index.ts'
import { type ListenOptions, type ProxyProtocolOptions, parseListenAddress } from '../net/index.ts'
import type { ServerOptions } from '../server/index.ts'

/** The listeners of a server, as options name them. */
const LISTENERS = ['rtmp', 'rtmps', 'http', 'https'] as const

/** Arguments about listeners, as they were written. */
export type ListenArguments = Readonly<{
  /** Addresses; likewise below. */
  listen: readonly string[]
  httpListen: readonly string[]
  rtmpsListen?: readonly string[]
  httpsListen?: readonly string[]
  tlsCertificate?: string
  tlsKey?: string
  /** Names of listeners, separated by commas. */
  proxyProtocol?: string
  /** Addresses and networks, separated by commas. */
  trustedProxies?: string
}>

/**
 * The listeners that were asked for.
 * @throws ServerError ERR_CONFIGURATION if arguments are missing that others need, or belong to nothing
 */
export function readListenArguments(
  options: ListenArguments,
): Pick<ServerOptions, (typeof LISTENERS)[number]> {
  const { listen, httpListen, rtmpsListen, httpsListen } = options
  const proxies = readProxyArguments(options)
  const files = readTlsArguments(options)
  const where = (texts: readonly string[], name: (typeof LISTENERS)[number]): ListenOptions => ({
    addresses: texts.map(parseListenAddress),
    ...(proxies.has(name) ? { proxyProtocol: proxies.get(name) ?? true } : {}),
  })
  return {
    rtmp: where(listen, 'rtmp'),
    http: where(httpListen, 'http'),
    ...(files === null || rtmpsListen === undefined
      ? {}
      : { rtmps: { ...where(rtmpsListen, 'rtmps'), ...files } }),
    ...(files === null || httpsListen === undefined
      ? {}
      : { https: { ...where(httpsListen, 'https'), ...files } }),
  }
}

function readTlsArguments(options: ListenArguments): { certificate: string; key: string } | null {
  const { rtmpsListen, httpsListen, tlsCertificate, tlsKey } = options
  if (rtmpsListen === undefined && httpsListen === undefined) {
    if (tlsCertificate !== undefined || tlsKey !== undefined) {
      throw mistake(
        '--tls-certificate and --tls-key are for --rtmps-listen or --https-listen: give one of these, too',
      )
    }
    return null
  }
  if (tlsCertificate === undefined || tlsKey === undefined) {
    throw mistake('--rtmps-listen and --https-listen need --tls-certificate FILE and --tls-key FILE')
  }
  return { certificate: tlsCertificate, key: tlsKey }
}

function readProxyArguments(options: ListenArguments): Map<string, ProxyProtocolOptions> {
  const { proxyProtocol, trustedProxies, rtmpsListen, httpsListen } = options
  if (proxyProtocol === undefined) {
    if (trustedProxies !== undefined) {
      throw mistake('--trusted-proxies is for --proxy-protocol: say which listeners have proxies in front')
    }
    return new Map()
  }
  const trust = trustedProxies === undefined ? {} : { trustedProxies: trustedProxies.split(',') }
  const names = proxyProtocol.split(',')
  for (const name of names) {
    const absent =
      (name === 'rtmps' && rtmpsListen === undefined) || (name === 'https' && httpsListen === undefined)
    if (absent || !LISTENERS.some((each) => each === name)) {
      throw mistake(
        `--proxy-protocol: '${name}' is no listener of this server; they are named ${LISTENERS.join(', ')}`,
      )
    }
  }
  return new Map(names.map((name) => [name, trust]))
}

function mistake(message: string): ServerError {
  return new ServerError('ERR_CONFIGURATION', message)
}
