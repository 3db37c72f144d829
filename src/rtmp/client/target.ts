import { ServerError } from '../../base/index.ts'

/** Where a client connects, and what it asks for there: an RTMP URL, taken apart. */
export type RtmpTarget = Readonly<{
  /** Whether the connection is TLS (`rtmps://`). */
  tls: boolean
  /** Name or IP address, without brackets. */
  host: string
  /** TCP port. */
  port: number
  /** Application; may have slashes within, and a query. */
  app: string
  /** URL of the application, as connect says it. */
  tcUrl: string
  /** Stream name with its query. */
  stream: string
}>

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['rtmp', 1935],
  ['rtmps', 443],
])
const MAX_PORT = 65_535

/**
 * Takes `rtmp://host/app/stream?token=1` or `rtmps://...` apart. The stream is what stands behind the last slash, its query
 * included; of `rtmp://host/app?vhost=x/stream`, too.
 * @throws ServerError ERR_CONFIGURATION that says what is wrong
 */
export function parseRtmpTarget(url: string): RtmpTarget {
  const match = /^([a-z]+):\/\/(\[[^\]/]*\]|[^/:?#@]*)(?::(\d+))?\/([^#]*)/i.exec(url)
  const scheme = match?.[1]?.toLowerCase() ?? ''
  const defaultPort = DEFAULT_PORTS.get(scheme)
  if (match === null || defaultPort === undefined) {
    throw badUrl(url)
  }
  const [, , bracketedHost = '', writtenPort, path = ''] = match
  const host = bracketedHost.replace(/^\[|\]$/g, '')
  const port = writtenPort === undefined ? defaultPort : Number(writtenPort)
  const slash = splitAt(path)
  const app = path.slice(0, Math.max(slash, 0)).replace(/^\/+|\/+$/g, '')
  const stream = path.slice(slash + 1)
  if (host === '' || app === '' || stream === '' || stream.startsWith('?') || port > MAX_PORT || port === 0) {
    throw badUrl(url)
  }
  // A default port is left out, as all clients do: servers compare it with what they know.
  const authority = `${bracketedHost}${port === defaultPort ? '' : `:${port}`}`
  return { tls: scheme === 'rtmps', host, port, app, tcUrl: `${scheme}://${authority}/${app}`, stream }
}

/** The slash between application and stream: the last one before a query, or within it if the application has the query. */
function splitAt(path: string): number {
  const mark = path.indexOf('?')
  const before = path.lastIndexOf('/', mark < 0 ? path.length : mark)
  return before > 0 ? before : path.lastIndexOf('/')
}

function badUrl(url: string): ServerError {
  return new ServerError(
    'ERR_CONFIGURATION',
    `'${url}' is not rtmp://host[:port]/app/stream, nor the same with rtmps://`,
  )
}
