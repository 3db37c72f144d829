import { DEFAULT_VHOST, normalizeVhost, ServerError, vhostOfQuery } from '../../base/index.ts'
import { parseStreamName, type StreamName } from '../../live/index.ts'
import { AddressList } from '../../net/index.ts'
import { parseRtmpStream } from '../../rtmp/index.ts'
import { ACCESS_ACTIONS, type AccessAction, type TokenKey } from './options.ts'
import { APP_SCOPE, signGrant, TOKEN_PARAMETERS } from './signature.ts'

/** What a signed URL is to allow. */
export type SignStreamUrlOptions = Readonly<{
  /** To publish or to play. */
  action: AccessAction
  /** When it ends, a date or ms since the Unix epoch; counted in whole seconds. */
  expires: Date | number
  /** The key; the server has it in `token`. */
  key: TokenKey
  /** IP address or network that it is for, as the server sees it, e.g. '192.0.2.1' or '2001:db8::/64'. Default: any. */
  address?: string
  /**
   * The virtual host's name in the server's configuration. Default: `vhost=` or `domain=` of the URL, or else `__defaultVhost__`, which is right
   * for a server without virtual hosts.
   */
  vhost?: string
  /** Whether it is for every stream of the application. Default false. */
  wholeApp?: boolean
}>

/**
 * Signs a URL of a stream, for a server that wants it (`token`): the same URL with `expires`, `key` and `sig` behind it. The signature
 * holds for every protocol, host and port of that server: its query fits behind every URL of the stream, and behind a stream key.
 *
 * ```ts
 * const url = signStreamUrl('rtmp://example.com/live/demo', {
 *   action: 'publish',
 *   expires: Date.now() + 3_600_000,
 *   key: { id: 'k1', secret: '...' },
 * })
 * ```
 * @param url e.g. 'rtmp://host/live/demo', 'http://host:8080/live/demo.flv' or '.../live/demo.m3u8'
 * @throws ServerError ERR_CONFIGURATION if an option can't be used or the URL names no stream
 */
export function signStreamUrl(url: string, options: SignStreamUrlOptions): string {
  const mark = url.search(/[?#]/)
  const [base, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
  const given = new URLSearchParams(query)
  for (const name of Object.values(TOKEN_PARAMETERS)) {
    given.delete(name)
  }
  const signed = signStream(streamOfUrl(base), {
    ...options,
    vhost: normalizeVhost(options.vhost ?? vhostOfQuery(given) ?? DEFAULT_VHOST),
  })
  return `${base}?${given.size === 0 ? '' : `${given}&`}${signed}`
}

/**
 * The query that allows what the options say, e.g. `expires=1790000000&key=k1&sig=...`.
 * @throws ServerError ERR_CONFIGURATION if an option can't be used
 */
export function signStream(name: StreamName, options: SignStreamUrlOptions & { vhost: string }): string {
  const { action, key, address = '', vhost, wholeApp = false } = options
  const expires = Math.floor(Number(options.expires) / 1000)
  if (!ACCESS_ACTIONS.includes(action)) {
    throw mistake(`'${action}' can't be signed for, only 'publish' and 'play'`)
  }
  if (!(expires >= 0 && expires < 1e11)) {
    throw mistake(`'${String(options.expires)}' is no time in ms since 1970 to expire at`)
  }
  if (address !== '') {
    new AddressList([address], 'address')
  }
  const { app, stream } = name
  const grant = { action, vhost, app, stream: wholeApp ? null : stream, expires, address }
  const parameters = new URLSearchParams({ [TOKEN_PARAMETERS.expires]: String(expires) })
  if (address !== '') {
    parameters.set(TOKEN_PARAMETERS.address, address)
  }
  if (wholeApp) {
    parameters.set(TOKEN_PARAMETERS.scope, APP_SCOPE)
  }
  parameters.set(TOKEN_PARAMETERS.key, key.id)
  parameters.set(TOKEN_PARAMETERS.signature, signGrant(grant, key.secret).toString('base64url'))
  return String(parameters)
}

/**
 * The stream that a URL of any protocol is about.
 * @param url without a query
 * @throws ServerError ERR_CONFIGURATION if it names none
 */
export function streamOfUrl(url: string): StreamName {
  try {
    const { app, stream } = parseRtmpStream(url, '')
    // Over HTTP, a path is written with escapes.
    const path = `${app}/${stream}`
    return parseStreamName(/^(http|ws)s?:/i.test(url) ? decodeURIComponent(path) : path)
  } catch (error) {
    throw mistake(`'${url}' is no URL of a stream, such as rtmp://host/live/demo`, error)
  }
}

function mistake(message: string, cause?: unknown): ServerError {
  return new ServerError('ERR_CONFIGURATION', message, { cause })
}
