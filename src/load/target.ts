import { ServerError } from '../base/index.ts'
import { parseTcUrl } from '../rtmp/index.ts'

/** How a player gets its stream. */
export type LoadProtocol = 'rtmp' | 'http-flv' | 'ws-flv'

/** Where load goes: a URL, taken apart. */
export type LoadTarget = Readonly<{
  /** What the URL's scheme stands for. */
  protocol: LoadProtocol
  /** The connection is TLS: rtmps, https, wss. */
  tls: boolean
  /** Host name or IP address, without brackets. */
  host: string
  /** TCP port. */
  port: number
  /** RTMP application, or the path's folder without slashes at its ends; may have slashes within. */
  app: string
  /** Stream name, without `.flv`. */
  stream: string
  /** The query with its question mark; '' if there is none. Sent with every stream's name. */
  query: string
}>

const PROTOCOLS: Readonly<Record<string, Pick<LoadTarget, 'protocol' | 'tls'> & { defaultPort: number }>> = {
  'rtmp:': { protocol: 'rtmp', tls: false, defaultPort: 1935 },
  'http:': { protocol: 'http-flv', tls: false, defaultPort: 80 },
  'ws:': { protocol: 'ws-flv', tls: false, defaultPort: 80 },
  'rtmps:': { protocol: 'rtmp', tls: true, defaultPort: 443 },
  'https:': { protocol: 'http-flv', tls: true, defaultPort: 443 },
  'wss:': { protocol: 'ws-flv', tls: true, defaultPort: 443 },
}

const FLV_EXTENSION = '.flv'
const MAX_PORT = 65_535

/**
 * Reads `rtmp://host/app/stream`, `http://host/app/stream.flv` or `ws://host/app/stream.flv`, each with a query or not, or the
 * same over TLS: `rtmps`, `https`, `wss`.
 * @throws ServerError ERR_CONFIGURATION that says what is wrong
 */
export function parseLoadTarget(url: string): LoadTarget {
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? ''
  const known = PROTOCOLS[scheme]
  if (known === undefined) {
    throw badUrl(url, 'load goes to rtmp://, http://, ws://, rtmps://, https:// and wss://')
  }
  const mark = url.search(/[?#]/)
  const query = mark < 0 || url[mark] === '#' ? '' : url.slice(mark).replace(/#.*$/, '')
  const { protocol, tls, defaultPort } = known
  const { host, port, app: path } = parseTcUrl(mark < 0 ? url : url.slice(0, mark))
  const slash = path.lastIndexOf('/')
  const isFlv = path.endsWith(FLV_EXTENSION)
  if (protocol !== 'rtmp' && !isFlv) {
    throw badUrl(url, `over HTTP and WebSocket a stream's name ends with ${FLV_EXTENSION}`)
  }
  const name = path.slice(slash + 1)
  const stream = protocol === 'rtmp' ? name : name.slice(0, -FLV_EXTENSION.length)
  if (host === '' || slash <= 0 || stream === '') {
    throw badUrl(url, 'it needs a host, an application and a stream')
  }
  if (port > MAX_PORT) {
    throw badUrl(url, `a port is at most ${MAX_PORT}`)
  }
  const written = /^[a-z]+:\/\/(?:\[[^\]]*\]|[^/:]*):\d/i.test(url)
  return { protocol, tls, host, port: written ? port : defaultPort, app: path.slice(0, slash), stream, query }
}

/** Names of the streams that load is spread over: the URL's own if it is one, else with 0, 1, 2 ... behind it. */
export function streamNames(base: string, count: number): string[] {
  return count === 1 ? [base] : Array.from({ length: count }, (_, index) => `${base}${index}`)
}

/** Host and port as they stand in a URL or a Host header. */
export function authorityOf({ host, port }: LoadTarget): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function badUrl(url: string, why: string): ServerError {
  return new ServerError('ERR_CONFIGURATION', `'${url}' can't be loaded: ${why}`)
}
