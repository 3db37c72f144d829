import { ServerError } from '../../base/index.ts'

/** How streams are fetched. */
export const PULL_PROTOCOLS = ['rtmp', 'rtmps', 'flv', 'flvs'] as const

/** One of `PULL_PROTOCOLS`: RTMP, RTMP within TLS, FLV over HTTP, FLV over HTTPS. */
export type PullProtocol = (typeof PULL_PROTOCOLS)[number]

/** Which origin is asked first. */
export const ORIGIN_CHOICES = ['in-order', 'by-stream'] as const

/** Origins that a virtual host may have. */
export const MAX_ORIGINS = 32

/** Where streams come from that nobody publishes here, and where those go to that somebody does. SRS: cluster. */
export type EdgeOptions = Readonly<{
  /**
   * `remote`: an edge. Streams are fetched from `origins` while somebody watches, and those published here are published there,
   * too. Default `local`. A change counts at once.
   */
  mode: 'local' | 'remote'
  /**
   * The servers that have the streams, `host` or `host:port`, at most `MAX_ORIGINS`. Without a port it is that of the protocol:
   * 1935, 443, 80, 443. Default: none. A change counts at once: who is fetched from one that is gone goes on from another.
   */
  origins: readonly string[]
  /**
   * Which origin is asked first: with `in-order` the first one that is well, the others are there for when it is not; with
   * `by-stream` each stream has an order of its own, the same on all edges. Default `in-order`. A change counts for connections to
   * origins from then on.
   */
  choice: (typeof ORIGIN_CHOICES)[number]
  /** How streams are fetched. Default `rtmp`. A change counts at once. */
  protocol: PullProtocol
  /**
   * Fetches a stream by the protocol of the viewer whom it is fetched for: FLV for one of HTTP-FLV and WebSocket-FLV, else RTMP. Only
   * from origins without a port, as one port can't be that of both. Default false. A change counts for streams that are fetched from then on.
   */
  followClient: boolean
  /** The virtual host at the origin; `[vhost]` stands for the one here. Default `[vhost]`. A change counts at once. */
  vhost: string
  /**
   * Lets the origin decide who may play: each viewer is asked about there with its own arguments, before it begins. Publishers are,
   * in any case. Default false. A change counts for viewers that come.
   */
  tokenTraverse: boolean
  /** Tells the origin who asks, in the arguments of connect. Default true. A change counts for connections from then on. */
  tellWhoAsks: boolean
  /** How long a stream that nobody watches is still fetched, ms. Default 10 000. A change counts at once. */
  idleMs: number
  /**
   * Time for the connection to an origin, and for RTMP's handshake, ms. Default 3000. A change counts for connections from then on.
   */
  connectTimeoutMs: number
  /**
   * An origin from which nothing comes for so long is left for another, ms; at first, when it has let us in, it has no such stream.
   * Default 5000. A change counts for connections from then on.
   */
  silenceTimeoutMs: number
}>

/** The defaults of `EdgeOptions`. */
export const defaultEdgeOptions: EdgeOptions = {
  mode: 'local',
  origins: [],
  choice: 'in-order',
  protocol: 'rtmp',
  followClient: false,
  vhost: '[vhost]',
  tokenTraverse: false,
  tellWhoAsks: true,
  idleMs: 10_000,
  connectTimeoutMs: 3_000,
  silenceTimeoutMs: 5_000,
}

/**
 * Looks at what a program gave that is not type-checked.
 * @throws ServerError ERR_CONFIGURATION if an option has no usable value
 */
export function checkEdgeOptions(options: EdgeOptions): void {
  const { mode, origins, choice, protocol, idleMs, connectTimeoutMs, silenceTimeoutMs } = options
  requireWord('mode', mode, ['local', 'remote'])
  requireWord('choice', choice, ORIGIN_CHOICES)
  requireWord('protocol', protocol, PULL_PROTOCOLS)
  if (mode === 'remote' && origins.length === 0) {
    throw wrong('origins is empty: an edge (mode remote) needs one')
  }
  if (origins.length > MAX_ORIGINS) {
    throw wrong(`origins has ${origins.length}: at most MAX_ORIGINS (${MAX_ORIGINS})`)
  }
  for (const origin of origins) {
    parseOrigin(origin)
  }
  for (const [name, value] of Object.entries({ connectTimeoutMs, silenceTimeoutMs })) {
    if (!(value > 0)) {
      throw wrong(`${name} is ${value}: must be more than 0`)
    }
  }
  if (!(idleMs >= 0)) {
    throw wrong(`idleMs is ${idleMs}: must be 0 or more`)
  }
}

/** Where an origin is. */
export type OriginAddress = Readonly<{
  /** Name or IP address, without brackets. */
  host: string
  /** Null for that of the protocol. */
  port: number | null
}>

/**
 * Takes `host`, `host:port` or `[ipv6]:port` apart.
 * @throws ServerError ERR_CONFIGURATION if it is none
 */
export function parseOrigin(origin: string): OriginAddress {
  const [, bracketed, plain, port] =
    /^(?:\[([\da-f:.]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/i.exec(origin) ?? []
  const host = bracketed ?? plain
  const number = port === undefined ? null : Number(port)
  if (host === undefined || (number !== null && (number < 1 || number > 65_535))) {
    throw wrong(`origin '${origin}' is not host or host:port`)
  }
  return { host, port: number }
}

function requireWord(name: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) {
    throw wrong(`${name} is ${JSON.stringify(value)}: must be one of ${words.join(', ')}`)
  }
}

function wrong(message: string): ServerError {
  return new ServerError('ERR_CONFIGURATION', `edge ${message}`)
}
