import { ProtocolError } from '../base/index.ts'

/** Longest `tcUrl` or stream name accepted, in UTF-16 units. */
export const MAX_RTMP_URL_LENGTH = 4096

/** What a `tcUrl` says. */
export type TcUrl = Readonly<{
  /** Host as written, without brackets; becomes the vhost unless another is named. */
  host: string
  /** Port; 1935 if none is written. */
  port: number
  /** Application: the path without slashes at its ends; may be empty. */
  app: string
  /** Query parameters of the application. */
  parameters: URLSearchParams
}>

/**
 * Reads the `tcUrl` of a connect command, e.g. `rtmp://host:1935/live?token=1`.
 * @throws ProtocolError if it is no URL
 */
export function parseTcUrl(tcUrl: string): TcUrl {
  if (tcUrl.length > MAX_RTMP_URL_LENGTH) {
    throw new ProtocolError(
      `tcUrl has ${tcUrl.length} characters, more than MAX_RTMP_URL_LENGTH (${MAX_RTMP_URL_LENGTH})`,
    )
  }
  const match = /^[a-z][a-z0-9+.-]*:\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d*))?(?:\/([^?#]*))?(?:[?#](.*))?$/i.exec(
    tcUrl,
  )
  if (match === null) {
    throw new ProtocolError(`tcUrl '${tcUrl}' is not a URL such as rtmp://host/app`)
  }
  const [, host = '', port, path = '', query = ''] = match
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined || port === '' ? 1935 : Number(port),
    app: path.replace(/^\/+|\/+$/g, ''),
    parameters: new URLSearchParams(query),
  }
}

/** Splits `stream?token=1` as it comes in publish and play. */
export function parseStreamArgument(argument: string): { path: string; parameters: URLSearchParams } {
  if (argument.length > MAX_RTMP_URL_LENGTH) {
    throw new ProtocolError(
      `a stream name has ${argument.length} characters, more than MAX_RTMP_URL_LENGTH (${MAX_RTMP_URL_LENGTH})`,
    )
  }
  const mark = argument.search(/[?#]/)
  return {
    path: (mark < 0 ? argument : argument.slice(0, mark)).replace(/^\/+|\/+$/g, ''),
    parameters: new URLSearchParams(mark < 0 ? '' : argument.slice(mark + 1)),
  }
}
