import { DEFAULT_VHOST, normalizeVhost, ProtocolError } from '../base/index.ts'

/** Longest `app/stream` accepted, the virtual host included where it is named, in UTF-16 units. */
export const MAX_STREAM_NAME_LENGTH = 512

/** What a stream is called: `app` may have several levels, `stream` is the last part. */
export type StreamName = Readonly<{
  /** The virtual host, as `normalizeVhost` gives it; `__defaultVhost__` for the default one. */
  vhost: string
  /** The application, e.g. 'live' or 'a/b'. */
  app: string
  /** The stream, e.g. 'demo'. */
  stream: string
}>

/**
 * What a stream is found by: `app/stream` in the default virtual host, which is the path of its play URLs, and
 * `//example.com/app/stream`, a network-path reference (RFC 3986, 4.2), in others.
 */
export function streamKey({ vhost, app, stream }: StreamName): string {
  const path = `${app}/${stream}`
  return vhost === DEFAULT_VHOST ? path : `//${vhost.includes(':') ? `[${vhost}]` : vhost}/${path}`
}

/**
 * Reads `app/stream` with any number of levels in `app`; slashes at the ends and doubled ones don't count. Without `vhost`, it
 * reads `//example.com/app/stream`, too.
 * @param vhost the virtual host, where it is known already
 * @throws ProtocolError if a part is missing, or a name is too long or has control characters
 */
export function parseStreamName(path: string, vhost?: string): StreamName {
  if (path.length > MAX_STREAM_NAME_LENGTH) {
    throw new ProtocolError(
      `a stream name of ${path.length} characters exceeds MAX_STREAM_NAME_LENGTH (${MAX_STREAM_NAME_LENGTH})`,
    )
  }
  const authority = vhost === undefined ? /^\/\/([^/]+)(?=\/)/.exec(path)?.[1] : undefined
  const parts = path
    .slice(authority === undefined ? 0 : authority.length + 2)
    .split('/')
    .filter((part) => part !== '')
  const stream = parts.pop()
  if (stream === undefined || parts.length === 0) {
    const where = authority === undefined ? '' : ` behind the virtual host '${authority}'`
    throw new ProtocolError(
      `'${path}' names no stream: it takes an application and a stream${where}, e.g. live/demo`,
    )
  }
  // Those of C1 (U+0080 to U+009F), too: some terminals obey them.
  if (/\p{Cc}/u.test(path)) {
    throw new ProtocolError('a stream name may not have control characters')
  }
  if (parts.includes('..') || parts.includes('.') || stream === '..' || stream === '.') {
    throw new ProtocolError(`'${path}' names no stream: '.' and '..' are not names`)
  }
  return { vhost: vhost ?? normalizeVhost(authority ?? ''), app: parts.join('/'), stream }
}
