import { ProtocolError } from '../base/index.ts'

/** Longest `app/stream` accepted, in UTF-16 units. */
export const MAX_STREAM_NAME_LENGTH = 512

/** What a stream is called: `app` may have several levels, `stream` is the last part. */
export type StreamName = Readonly<{
  /** The application, e.g. 'live' or 'a/b'. */
  app: string
  /** The stream, e.g. 'demo'. */
  stream: string
}>

/** `app/stream`: what a stream is found by, and the path of its play URLs. */
export function streamKey(name: StreamName): string {
  return `${name.app}/${name.stream}`
}

/**
 * Reads `app/stream` with any number of levels in `app`; slashes at the ends and doubled ones don't count.
 * @throws ProtocolError if a part is missing, or a name is too long or has control characters
 */
export function parseStreamName(path: string): StreamName {
  if (path.length > MAX_STREAM_NAME_LENGTH) {
    throw new ProtocolError(
      `a stream name of ${path.length} characters exceeds MAX_STREAM_NAME_LENGTH (${MAX_STREAM_NAME_LENGTH})`,
    )
  }
  const parts = path.split('/').filter((part) => part !== '')
  const stream = parts.pop()
  if (stream === undefined || parts.length === 0) {
    throw new ProtocolError(`'${path}' names no stream: it takes an application and a stream, e.g. live/demo`)
  }
  if ([...path].some((character) => character < ' ' || character === '\u007f')) {
    throw new ProtocolError('a stream name may not have control characters')
  }
  if (parts.includes('..') || parts.includes('.') || stream === '..' || stream === '.') {
    throw new ProtocolError(`'${path}' names no stream: '.' and '..' are not names`)
  }
  return { app: parts.join('/'), stream }
}
