import { ServerError, toError } from '../base/index.ts'
import { parseTcUrl } from '../rtmp/index.ts'

/** What is checked: a URL, taken apart. */
export type CheckTarget = Readonly<{
  /** Host name or IP address, without brackets. */
  host: string
  /** TCP port. */
  port: number
  /** RTMP application; streams of it get names of their own. */
  app: string
  /** Query of the URL with its question mark, or ''; sent with every stream's name, e.g. a token. */
  query: string
  /** The URL without its query: what clients say as `tcUrl`. */
  tcUrl: string
}>

/**
 * Reads `rtmp://host[:port]/app[?query]`.
 * @throws ServerError ERR_CONFIGURATION that says what is wrong
 */
export function parseCheckTarget(url: string): CheckTarget {
  try {
    const { host, port, app, query } = parseTcUrl(url)
    if (!/^rtmp:/i.test(url) || host === '' || app === '' || port > 65_535) {
      throw new Error('it must be rtmp://host/app, or rtmp://host:port/app')
    }
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    return { host, port, app, query: query === '' ? '' : `?${query}`, tcUrl: `rtmp://${authority}/${app}` }
  } catch (error) {
    throw new ServerError('ERR_CONFIGURATION', `'${url}' can't be checked: ${toError(error).message}`)
  }
}
