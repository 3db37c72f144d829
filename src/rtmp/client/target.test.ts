import { describe, expect, it } from 'vitest'
import { ServerError } from '../../base/index.ts'
import { parseRtmpTarget } from './index.ts'

describe('parseRtmpTarget', () => {
  it.each([
    ['rtmp://host/live/demo', false, 'host', 1935, 'live', 'rtmp://host/live', 'demo'],
    ['rtmp://host:1935/live/demo', false, 'host', 1935, 'live', 'rtmp://host/live', 'demo'],
    ['RTMP://host:19350/live/demo', false, 'host', 19350, 'live', 'rtmp://host:19350/live', 'demo'],
    ['rtmps://host/live/demo', true, 'host', 443, 'live', 'rtmps://host/live', 'demo'],
    ['rtmps://host:1936/live/demo', true, 'host', 1936, 'live', 'rtmps://host:1936/live', 'demo'],
    ['rtmp://[::1]/live/demo', false, '::1', 1935, 'live', 'rtmp://[::1]/live', 'demo'],
    ['rtmp://[::1]:1936/live/demo', false, '::1', 1936, 'live', 'rtmp://[::1]:1936/live', 'demo'],
    ['rtmp://host/a/b/c/demo', false, 'host', 1935, 'a/b/c', 'rtmp://host/a/b/c', 'demo'],
    ['rtmp://host/live/demo?t=a/b', false, 'host', 1935, 'live', 'rtmp://host/live', 'demo?t=a/b'],
    [
      'rtmp://host/live?vhost=x/demo',
      false,
      'host',
      1935,
      'live?vhost=x',
      'rtmp://host/live?vhost=x',
      'demo',
    ],
    ['rtmp://host/live/demo#part', false, 'host', 1935, 'live', 'rtmp://host/live', 'demo'],
  ])('takes %s apart', (url, tls, host, port, app, tcUrl, stream) => {
    expect(parseRtmpTarget(url)).toEqual({ tls, host, port, app, tcUrl, stream })
  })

  it.each([
    '',
    'live/demo',
    'http://host/live/demo',
    'rtmp://host',
    'rtmp://host/',
    'rtmp://host/live',
    'rtmp://host/live/',
    'rtmp://host/live/?token=1',
    'rtmp:///live/demo',
    'rtmp://host:0/live/demo',
    'rtmp://host:65536/live/demo',
    'rtmp://host:port/live/demo',
    'rtmp://user:word@host/live/demo',
  ])('refuses %j and says what is meant', (url) => {
    const expected = new ServerError(
      'ERR_CONFIGURATION',
      `'${url}' is not rtmp://host[:port]/app/stream, nor the same with rtmps://`,
    )
    expect(() => parseRtmpTarget(url)).toThrow(expected)
  })
})
