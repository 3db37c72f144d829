import { ServerError } from '../base/index.ts'
import type { ServerSettings } from '../control/index.ts'
import {
  type CertificateOptions,
  DEFAULT_BACKLOG,
  DEFAULT_UNIX_SOCKET_MODE,
  formatListenAddress,
  isWildcardHost,
  type ListenAddress,
  type ListenerOptions,
  type ListenOptions,
  listenAddressesOf,
  type ProxyTrust,
  resolveProxyTrust,
  TLS_HANDSHAKE_TIMEOUT_MS,
} from '../net/index.ts'

/** What a listener is for: the setting that asks for it. */
export type ListenerPurpose = 'rtmp' | 'rtmps' | 'http' | 'https' | 'api' | 'apiHttps' | 'exporter'

/** What is spoken at a listener. */
export type ListenerProtocol = 'rtmp' | 'rtmps' | 'http' | 'https'

/** What purposes are called where people read it. */
const PURPOSE_NAMES: Readonly<Record<ListenerPurpose, string>> = {
  rtmp: 'RTMP',
  rtmps: 'RTMPS',
  http: 'HTTP',
  https: 'HTTPS',
  api: 'the API',
  apiHttps: 'the API over HTTPS',
  exporter: 'metrics',
}

const PROTOCOLS: Readonly<Record<ListenerPurpose, ListenerProtocol>> = {
  rtmp: 'rtmp',
  rtmps: 'rtmps',
  http: 'http',
  https: 'https',
  api: 'http',
  apiHttps: 'https',
  exporter: 'http',
}

/** One listener that is wanted. */
export type WantedListener = Readonly<{
  /** What is spoken there. */
  protocol: ListenerProtocol
  /** What it is for: an address of `http` and `api` is for both. */
  purposes: readonly ListenerPurpose[]
  /** What it is for, in words. */
  name: string
  /** Its address, and how it is listened on. */
  options: ListenerOptions
  /** Its place among those that are wanted. */
  position: number
  /** The same for two listeners of which one can go on as the other. */
  socketKey: string
  /** Whose word about clients is taken. */
  proxies: ProxyTrust | null
  /** Of those that speak TLS: where the certificate is. */
  certificate: CertificateOptions | null
}>

/** Whether streams are published or played there: what a listener has that is for nothing but the API, or metrics, need not go on without it. */
export function hasMedia({ purposes }: Pick<WantedListener, 'purposes'>): boolean {
  return purposes.some((purpose) => MEDIA_PURPOSES.includes(purpose))
}

/** Whether it has the API. */
export function hasApi({ purposes }: Pick<WantedListener, 'purposes'>): boolean {
  return purposes.includes('api') || purposes.includes('apiHttps')
}

const MEDIA_PURPOSES: readonly ListenerPurpose[] = ['rtmp', 'rtmps', 'http', 'https']

/** One setting that asks for listeners. */
type Group = Readonly<{
  purpose: ListenerPurpose
  options: ListenOptions
  certificate: CertificateOptions | null
}>

/**
 * The listeners that settings ask for, in the order of the settings. An address of `api` that `http` has, too, is one listener.
 * @throws ServerError ERR_CONFIGURATION if nothing is listened on, an address is to speak two protocols, or an option can't be used
 */
export function wantedListeners(settings: ServerSettings): WantedListener[] {
  const groups = groupsOf(settings)
  if (groups.length === 0) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      'the server would listen on nothing: give `rtmp`, `http` or both, or `rtmps` and `https`',
    )
  }
  const wanted = new Map<string, WantedListener>()
  for (const [index, group] of groups.entries()) {
    for (const [position, address] of listenAddressesOf(
      group.options,
      PURPOSE_NAMES[group.purpose],
    ).entries()) {
      const text = formatListenAddress(address)
      // Every port 0 is a port of its own.
      const key = 'port' in address && address.port === 0 ? `${index}.${position}` : text
      wanted.set(key, merge(wanted.get(key), wantedListener(group, address, position), text))
    }
  }
  const apiIsApart = groups.some(({ purpose }) => purpose === 'api' || purpose === 'apiHttps')
  const all = [...wanted.values()].map((each, position) => ({
    ...(settings.api === false || apiIsApart ? each : withApi(each)),
    position,
  }))
  return all.map((each) => besideIpv4(each, all))
}

function groupsOf({ rtmp, rtmps, http, https, api, apiHttps, exporter }: ServerSettings): Group[] {
  const plain = { rtmp, http, api: api === false ? undefined : api, exporter }
  const secured = { rtmps, https, apiHttps }
  const groups: Group[] = []
  for (const purpose of ['rtmp', 'rtmps', 'http', 'https', 'api', 'apiHttps', 'exporter'] as const) {
    if (purpose === 'rtmps' || purpose === 'https' || purpose === 'apiHttps') {
      const options = secured[purpose]
      if (options !== undefined) {
        const { certificate, key } = options
        groups.push({ purpose, options, certificate: { certificate, key } })
      }
    } else {
      const options = plain[purpose]
      if (options !== undefined) {
        groups.push({ purpose, options, certificate: null })
      }
    }
  }
  return groups
}

function wantedListener(
  { purpose, options, certificate }: Group,
  address: ListenAddress,
  position: number,
): WantedListener {
  const { backlog, proxyProtocol, tlsHandshakeTimeoutMs } = options
  const tuning = {
    ...(backlog === undefined ? {} : { backlog }),
    ...(proxyProtocol === undefined ? {} : { proxyProtocol }),
    ...(tlsHandshakeTimeoutMs === undefined ? {} : { tlsHandshakeTimeoutMs }),
  }
  const isFree = 'port' in address && address.port === 0
  return {
    protocol: PROTOCOLS[purpose],
    purposes: [purpose],
    name: PURPOSE_NAMES[purpose],
    position: 0,
    options: { ...address, ...tuning },
    socketKey: [
      PROTOCOLS[purpose],
      isFree ? `${purpose} ${position}` : '',
      formatListenAddress(address),
      'path' in address ? (address.mode ?? DEFAULT_UNIX_SOCKET_MODE) : '',
      backlog ?? DEFAULT_BACKLOG,
      certificate === null ? '' : (tlsHandshakeTimeoutMs ?? TLS_HANDSHAKE_TIMEOUT_MS),
    ].join(' '),
    proxies: resolveProxyTrust(proxyProtocol),
    certificate,
  }
}

/** One listener for two purposes: that of the first, with the second's. */
function merge(first: WantedListener | undefined, second: WantedListener, where: string): WantedListener {
  if (first === undefined) {
    return second
  }
  if (first.protocol !== second.protocol) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${where} is to be listened on for ${first.name} and for ${second.name}: give one of them another address`,
    )
  }
  return { ...first, purposes: [...first.purposes, ...second.purposes] }
}

/** The API is answered where HTTP is, unless it has listeners of its own. */
function withApi(wanted: WantedListener): WantedListener {
  const { purposes } = wanted
  if (purposes.includes('http')) {
    return { ...wanted, purposes: [...purposes, 'api'] }
  }
  return purposes.includes('https') ? { ...wanted, purposes: [...purposes, 'apiHttps'] } : wanted
}

/** '::' takes IPv4 clients, too, unless '0.0.0.0' is to have them. */
function besideIpv4(wanted: WantedListener, all: readonly WantedListener[]): WantedListener {
  const { options } = wanted
  const isBeside =
    'port' in options &&
    options.host === '::' &&
    options.port !== 0 &&
    all.some((other) => isTcp(other.options, '0.0.0.0', options.port))
  return isBeside
    ? { ...wanted, options: { ...options, ipv6Only: true }, socketKey: `${wanted.socketKey} ipv6Only` }
    : wanted
}

function isTcp(options: ListenerOptions, host: string, port: number): boolean {
  return 'port' in options && options.host === host && options.port === port
}

/** Whether two listeners can't be there at once: they have the same address, or one has the other's port on all interfaces. */
export function overlap({ options: a }: WantedListener, { options: b }: WantedListener): boolean {
  if ('path' in a || 'path' in b) {
    return 'path' in a && 'path' in b && a.path === b.path
  }
  const [hostA, hostB] = [a.host ?? '', b.host ?? '']
  return (
    a.port !== 0 && a.port === b.port && (hostA === hostB || isWildcardHost(hostA) || isWildcardHost(hostB))
  )
}
