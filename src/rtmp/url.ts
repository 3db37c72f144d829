import { DEFAULT_VHOST, ProtocolError, redactSecrets, vhostOfQuery } from '../base/index.ts'

/** Longest `tcUrl` or stream name accepted, in UTF-16 units. */
export const MAX_RTMP_URL_LENGTH = 4096

/** The application of a URL that has only a stream, as in SRS. */
export const DEFAULT_APP = '__defaultApp__'

/** What a `tcUrl` says. */
export type TcUrl = Readonly<{
  /** Host as written, without brackets; becomes the vhost unless another is named. */
  host: string
  /** Port; 1935 if none is written. */
  port: number
  /** Application: the path without slashes at its ends and without Flash's `_definst_`; may be empty. */
  app: string
  /** What stands behind `?` or `#`, as written; '' if nothing does. */
  query: string
  /** Query parameters of the application. */
  parameters: URLSearchParams
}>

/** Which stream a publish or play is for: `tcUrl` and the stream's name taken together. */
export type RtmpStreamUrl = Readonly<{
  /** Virtual host that is asked for: `vhost=` or else `domain=` of either query, or else the host of `tcUrl`. */
  vhost: string
  /** Application; `DEFAULT_APP` if none is named. */
  app: string
  /** Stream, without a file's extension; '' if none is named at all. */
  stream: string
  /** Query parameters of the stream's name and of `tcUrl`, in this order: `get` prefers the stream's. */
  parameters: URLSearchParams
  /** The same as written, behind a `?`, as hooks of SRS get it; '' if there is none but `vhost=__defaultVhost__`. */
  param: string
}>

/**
 * Reads the `tcUrl` of a connect command, e.g. `rtmp://host:1935/live?token=1`; `live...vhost...demo` is the same as
 * `live?vhost=demo`.
 * @throws ProtocolError if it is no URL
 */
export function parseTcUrl(tcUrl: string): TcUrl {
  requireLength('tcUrl', tcUrl)
  const match = /^[a-z][a-z0-9+.-]*:\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d*))?([/?#].*)?$/is.exec(tcUrl)
  if (match === null) {
    throw new ProtocolError(`tcUrl '${redactSecrets(tcUrl)}' is not a URL such as rtmp://host/app`)
  }
  const [, host = '', port, rest = ''] = match
  const { path, query } = splitQuery(rest)
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined || port === '' ? 1935 : Number(port),
    app: partsOf(path).join('/'),
    query,
    parameters: new URLSearchParams(query),
  }
}

/** Splits `stream?token=1` as it comes in publish and play. */
export function parseStreamArgument(argument: string): {
  path: string
  query: string
  parameters: URLSearchParams
} {
  requireLength('a stream name', argument)
  const { path, query } = splitQuery(argument)
  return { path: path.replace(/^\/+|\/+$/g, ''), query, parameters: new URLSearchParams(query) }
}

/**
 * Finds vhost, application and stream by the rules of SRS: the last part of the whole path is the stream, the others are
 * the application, wherever the client has cut them in two.
 * @param argument stream name as it comes in publish or play; may have parts, and a query of its own
 * @param namedApp application as the connect object names it beside `tcUrl`; '' if it does not. It only counts where `tcUrl` is the
 * whole address of the stream, as relays of node-media-server say it
 * @throws ProtocolError if `tcUrl` is no URL, or either is too long
 */
export function parseRtmpStream(tcUrl: string, argument: string, namedApp = ''): RtmpStreamUrl {
  const base = parseTcUrl(tcUrl)
  const own = parseStreamArgument(argument)
  const named = partsOf(splitQuery(namedApp).path).join('/')
  const isWholeAddress = named !== '' && base.app === `${named}/${own.path}`
  const parts = [...partsOf(isWholeAddress ? named : base.app), ...partsOf(own.path)]
  const queries = [own.query, base.query]
  const slash = base.query.lastIndexOf('/')
  if (own.path === '' && slash >= 0) {
    // The stream stands behind the application's query: rtmp://host/live?vhost=demo/stream
    const behind = splitQuery(base.query.slice(slash))
    parts.push(...partsOf(behind.path))
    queries.splice(1, 1, behind.query, base.query.slice(0, slash))
  }
  const stream = (parts.pop() ?? '').replace(MEDIA_FILE_EXTENSION, '')
  const query = queries.filter((each) => each !== '').join('&')
  const parameters = new URLSearchParams(query)
  return {
    vhost: vhostOfQuery(parameters) ?? base.host,
    app: parts.length === 0 ? DEFAULT_APP : parts.join('/'),
    stream,
    parameters,
    param: query === '' || query === `vhost=${DEFAULT_VHOST}` ? '' : `?${query}`,
  }
}

/** Players are given names such as `demo.flv`, which is the stream `demo`. */
const MEDIA_FILE_EXTENSION = /(?<=.)\.(?:flv|f4v|mp4|m3u8|ts|aac|mp3)$/i

/** `#` and `...vhost...` stand for what a `?` begins: some encoders don't let one type a `?`. */
function splitQuery(text: string): { path: string; query: string } {
  const usual = text.replace('...vhost...', '?vhost=')
  const mark = usual.search(/[?#]/)
  return mark < 0
    ? { path: usual, query: '' }
    : { path: usual.slice(0, mark), query: usual.slice(mark + 1).trim() }
}

/** Names get copied with spaces and line ends around them; Flash adds the default instance of an application, `_definst_`. */
function partsOf(path: string): string[] {
  return path
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '_definst_')
}

function requireLength(what: string, text: string): void {
  if (text.length > MAX_RTMP_URL_LENGTH) {
    throw new ProtocolError(
      `${what} has ${text.length} characters, more than MAX_RTMP_URL_LENGTH (${MAX_RTMP_URL_LENGTH})`,
    )
  }
}
