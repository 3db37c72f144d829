import { type Clock, type Logger, ms, silentLogger } from '../../../base/index.ts'
import { parseStreamName, type StreamRequest } from '../../../live/index.ts'

/** The time of `stillClock`, ms since the Unix epoch. */
export const NOW_MS = 1_700_000_000_000

/** A clock that a test moves. */
export class HandClock implements Clock {
  #now = 0

  now(): ReturnType<Clock['now']> {
    return ms(this.#now)
  }

  wallTime(): ReturnType<Clock['wallTime']> {
    return ms(NOW_MS + this.#now)
  }

  advance(by: number): void {
    this.#now += by
  }
}

/** A logger that keeps warnings. */
export class WarningLogger implements Logger {
  readonly warnings: { message: string; fields: object }[] = []
  readonly debug: Logger['debug'] = silentLogger.debug
  readonly info: Logger['info'] = silentLogger.info
  readonly error: Logger['error'] = silentLogger.error

  warn(fields: object, message: string): void {
    this.warnings.push({ message, fields })
  }

  child(): Logger {
    return this
  }
}

/** What may be said of a request for `live/demo` from 192.0.2.1. */
export type Asked = Readonly<{
  path?: string
  query?: string
  address?: string
  pageUrl?: string
  authorization?: string
}>

/** A client's request. */
export function requestOf({
  path = 'live/demo',
  query = '',
  address = '192.0.2.1',
  pageUrl = '',
  authorization = '',
}: Asked = {}): StreamRequest {
  return {
    name: parseStreamName(path),
    client: { id: 'c1', protocol: 'rtmp', address },
    vhost: 'host',
    parameters: new URLSearchParams(query),
    param: query === '' ? '' : `?${query}`,
    tcUrl: 'rtmp://host/live',
    pageUrl,
    authorization,
  }
}
