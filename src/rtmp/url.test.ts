import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_VHOST, ProtocolError } from '../base/index.ts'
import { DEFAULT_APP, MAX_RTMP_URL_LENGTH, parseRtmpStream, parseStreamArgument, parseTcUrl } from './url.ts'

describe('parseTcUrl', () => {
  it.each([
    ['rtmp://host/live', 'host', 1935, 'live', ''],
    ['rtmp://host:19350/live', 'host', 19350, 'live', ''],
    ['rtmp://host:/live', 'host', 1935, 'live', ''],
    ['rtmp://host', 'host', 1935, '', ''],
    ['rtmp://host/', 'host', 1935, '', ''],
    ['rtmp://host//a/b/', 'host', 1935, 'a/b', ''],
    ['RTMPS://Host.example:443/live', 'Host.example', 443, 'live', ''],
    ['rtmp://192.0.2.1:1935/live', '192.0.2.1', 1935, 'live', ''],
    ['rtmp://[2001:db8::1]:1936/live', '2001:db8::1', 1936, 'live', ''],
    ['rtmp://[::1]/live', '::1', 1935, 'live', ''],
    ['rtmp://host/live?token=1&vhost=demo', 'host', 1935, 'live', 'token=1&vhost=demo'],
    ['rtmp://host/live#token=1', 'host', 1935, 'live', 'token=1'],
    ['rtmp://host?token=1', 'host', 1935, '', 'token=1'],
    ['rtmp://host/live?a=/b:c?d', 'host', 1935, 'live', 'a=%2Fb%3Ac%3Fd'],
    ['rtmp:///live', '', 1935, 'live', ''],
    ['rtmp://host/live...vhost...demo', 'host', 1935, 'live', 'vhost=demo'],
    ['rtmp://host/live/_definst_', 'host', 1935, 'live', ''],
    ['rtmp://host/ live \n', 'host', 1935, 'live', ''],
  ])('reads %s', (tcUrl, host, port, app, parameters) => {
    const parsed = parseTcUrl(tcUrl)
    expect({ ...parsed, parameters: parsed.parameters.toString() }).toEqual({
      host,
      port,
      app,
      query: decodeURIComponent(parameters),
      parameters,
    })
  })

  it.each(['', 'live', '/live', 'rtmp:/host/live', '://host/live', 'rtmp://[::1/live', 'rtmp://host:x/live'])(
    'refuses %j',
    (tcUrl) => {
      expect(() => parseTcUrl(tcUrl)).toThrow(
        new ProtocolError(`tcUrl '${tcUrl}' is not a URL such as rtmp://host/app`),
      )
    },
  )

  it('takes MAX_RTMP_URL_LENGTH characters and no more', () => {
    const longest = `rtmp://host/${'a'.repeat(MAX_RTMP_URL_LENGTH - 12)}`
    expect(parseTcUrl(longest).app).toHaveLength(MAX_RTMP_URL_LENGTH - 12)
    expect(() => parseTcUrl(`${longest}a`)).toThrow(
      new ProtocolError('tcUrl has 4097 characters, more than MAX_RTMP_URL_LENGTH (4096)'),
    )
  })

  it('reads or refuses any text with a ProtocolError', () => {
    const parts = fc.constantFrom('rtmp', '://', ':', '/', '?', '#', '[', ']', 'a', '1', '=', '%', '\n', ' ')
    const texts = fc.oneof(
      fc.string(),
      fc.array(parts).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseTcUrl(text).app).not.toMatch(/^\/|\/$|[?#]/)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('parseStreamArgument', () => {
  it.each([
    ['demo', 'demo', ''],
    ['demo?token=1', 'demo', 'token=1'],
    ['demo#token=1', 'demo', 'token=1'],
    ['demo?a=1?b=2', 'demo', 'a=1%3Fb%3D2'],
    ['/a/demo/', 'a/demo', ''],
    ['?token=1', '', 'token=1'],
    ['', '', ''],
    ['mp4:demo', 'mp4:demo', ''],
  ])('splits %j', (argument, path, parameters) => {
    const parsed = parseStreamArgument(argument)
    expect({ path: parsed.path, parameters: parsed.parameters.toString() }).toEqual({ path, parameters })
  })

  it('takes MAX_RTMP_URL_LENGTH characters and no more', () => {
    expect(parseStreamArgument('a'.repeat(MAX_RTMP_URL_LENGTH)).path).toHaveLength(MAX_RTMP_URL_LENGTH)
    expect(() => parseStreamArgument('a'.repeat(MAX_RTMP_URL_LENGTH + 1))).toThrow(
      new ProtocolError('a stream name has 4097 characters, more than MAX_RTMP_URL_LENGTH (4096)'),
    )
  })
})

describe('parseRtmpStream', () => {
  /** Every rule of SRS for URLs: what the client sent, and what it means. */
  const rows: readonly (readonly [
    rule: string,
    tcUrl: string,
    argument: string,
    vhost: string,
    key: string,
    param: string,
  ])[] = [
    ['the host is the vhost', 'rtmp://ip/live', 's', 'ip', 'live/s', ''],
    ['a port is no part of it', 'rtmp://ip:19350/live', 's', 'ip', 'live/s', ''],
    ['...vhost...', 'rtmp://ip/live...vhost...demo', 's', 'demo', 'live/s', '?vhost=demo'],
    ['...vhost... of the stream', 'rtmp://ip/live', 's...vhost...demo', 'demo', 'live/s', '?vhost=demo'],
    ['?vhost= of the application', 'rtmp://ip/live?vhost=demo', 's', 'demo', 'live/s', '?vhost=demo'],
    [
      '?vhost= of the stream',
      'rtmp://ip/live',
      's?vhost=demo&token=1',
      'demo',
      'live/s',
      '?vhost=demo&token=1',
    ],
    ['both queries', 'rtmp://ip/live?a=1', 's?b=2', 'ip', 'live/s', '?b=2&a=1'],
    ['the stream’s query first', 'rtmp://ip/live?vhost=x', 's?vhost=y', 'y', 'live/s', '?vhost=y&vhost=x'],
    ['# for ?', 'rtmp://ip/live#vhost=demo', 's#token=1', 'demo', 'live/s', '?token=1&vhost=demo'],
    ['a path behind the query', 'rtmp://ip/live?vhost=a/s', '', 'a', 'live/s', '?vhost=a'],
    ['that path’s own query', 'rtmp://ip/live?vhost=a/s?b=1', '', 'a', 'live/s', '?b=1&vhost=a'],
    ['a slash in the query, else', 'rtmp://ip/live?token=a/b', 's', 'ip', 'live/s', '?token=a/b'],
    ['a slash in the stream’s query', 'rtmp://ip/live', 's?token=a/b', 'ip', 'live/s', '?token=a/b'],
    ['_definst_', 'rtmp://ip/live/_definst_', 's', 'ip', 'live/s', ''],
    ['_definst_ and levels', 'rtmp://ip/a/_definst_/b', 's', 'ip', 'a/b/s', ''],
    ['levels of the application', 'rtmp://ip/a/b', 'c', 'ip', 'a/b/c', ''],
    ['levels of the stream', 'rtmp://ip/a', 'b/c', 'ip', 'a/b/c', ''],
    ['no application', 'rtmp://ip/', 's', 'ip', `${DEFAULT_APP}/s`, ''],
    ['neither slash nor application', 'rtmp://ip', 's?token=1', 'ip', `${DEFAULT_APP}/s`, '?token=1'],
    ['domain=', 'rtmp://ip/live?domain=demo', 's', 'demo', 'live/s', '?domain=demo'],
    ['vhost= before domain=', 'rtmp://ip/live?domain=x&vhost=y', 's', 'y', 'live/s', '?domain=x&vhost=y'],
    ['the default vhost, named', `rtmp://ip/live?vhost=${DEFAULT_VHOST}`, 's', 'ip', 'live/s', ''],
    [
      'the default vhost and more',
      `rtmp://ip/live?vhost=${DEFAULT_VHOST}&domain=demo`,
      's',
      'demo',
      'live/s',
      `?vhost=${DEFAULT_VHOST}&domain=demo`,
    ],
    [
      'the default vhost for domain',
      `rtmp://ip/live?domain=${DEFAULT_VHOST}`,
      's',
      'ip',
      'live/s',
      `?domain=${DEFAULT_VHOST}`,
    ],
    ['a vhost without a name', 'rtmp://ip/live?vhost=', 's', 'ip', 'live/s', '?vhost='],
    ['no stream', 'rtmp://ip/a/b/c', '', 'ip', 'a/b/c', ''],
    ['no stream but its query', 'rtmp://ip/live/s', '?token=1', 'ip', 'live/s', '?token=1'],
    ['a file’s extension', 'rtmp://ip/live', 's.flv?token=1', 'ip', 'live/s', '?token=1'],
    ['a dot in the name', 'rtmp://ip/live', 'camera.1', 'ip', 'live/camera.1', ''],
    ['nothing but an extension', 'rtmp://ip/live', '.flv', 'ip', 'live/.flv', ''],
    ['slashes too many', 'rtmp://ip//live//', '/s/', 'ip', 'live/s', ''],
    ['spaces and line ends', 'rtmp://ip/ live\r\n', ' s \n', 'ip', 'live/s', ''],
    ['other schemes', 'rtmps://Host.example:443/live', 's', 'Host.example', 'live/s', ''],
    ['IPv6', 'rtmp://[2001:db8::1]:1935/live', 's', '2001:db8::1', 'live/s', ''],
  ]

  it.each(rows)('knows %s', (_, tcUrl, argument, vhost, key, param) => {
    const { parameters, ...parsed } = parseRtmpStream(tcUrl, argument)
    const slash = key.lastIndexOf('/')
    expect(parsed).toEqual({ vhost, app: key.slice(0, slash), stream: key.slice(slash + 1), param })
    const written = new URLSearchParams(param)
    expect([...parameters]).toEqual(param === '' ? [...parameters] : [...written])
  })

  it('gives the stream’s parameters before those of the application', () => {
    const { parameters } = parseRtmpStream('rtmp://ip/live?token=1&x=1', 's?token=2')
    expect([...parameters]).toEqual([
      ['token', '2'],
      ['token', '1'],
      ['x', '1'],
    ])
  })

  it('says so when no stream is named at all', () => {
    expect(parseRtmpStream('rtmp://ip/', '')).toMatchObject({ app: DEFAULT_APP, stream: '' })
  })

  it.each([
    ['rtmp://ip/live/s', 's', 'live', 'live'],
    ['rtmp://ip/live/a/s?x=1', 's?y=2', 'live/a', 'live/a'],
    ['rtmp://ip/live/s', 's', 'live/s', 'live/s'],
    ['rtmp://ip/live/s', 's', '', 'live/s'],
    ['rtmp://ip/live/s', 't', 'live', 'live/s'],
    ['rtmp://ip/live', 's', 'other', 'live'],
  ])(
    'takes %s for the whole address of %s only where the application %j says so: %s',
    (tcUrl, argument, named, app) => {
      expect(parseRtmpStream(tcUrl, argument, named)).toMatchObject({
        app,
        stream: argument.replace(/\?.*/, ''),
      })
    },
  )

  it('reads or refuses any two texts with a ProtocolError', () => {
    const part = fc.constantFrom(
      '/',
      '?',
      '#',
      '=',
      '&',
      'vhost',
      'domain',
      '...vhost...',
      '_definst_',
      'a',
      ' ',
    )
    const text = fc.array(part).map((all) => all.join(''))
    fc.assert(
      fc.property(text, text, (rest, argument) => {
        try {
          const { app, stream, param } = parseRtmpStream(`rtmp://ip${rest}`, argument)
          expect(`${app}${stream}`).not.toMatch(/[?#]/)
          expect(stream).not.toContain('/')
          expect(param).toMatch(/^(\?.*)?$/)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
