import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../base/index.ts'
import { MAX_RTMP_URL_LENGTH, parseStreamArgument, parseTcUrl } from './url.ts'

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
  ])('reads %s', (tcUrl, host, port, app, parameters) => {
    const parsed = parseTcUrl(tcUrl)
    expect({ ...parsed, parameters: parsed.parameters.toString() }).toEqual({ host, port, app, parameters })
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
    expect({ ...parsed, parameters: parsed.parameters.toString() }).toEqual({ path, parameters })
  })

  it('takes MAX_RTMP_URL_LENGTH characters and no more', () => {
    expect(parseStreamArgument('a'.repeat(MAX_RTMP_URL_LENGTH)).path).toHaveLength(MAX_RTMP_URL_LENGTH)
    expect(() => parseStreamArgument('a'.repeat(MAX_RTMP_URL_LENGTH + 1))).toThrow(
      new ProtocolError('a stream name has 4097 characters, more than MAX_RTMP_URL_LENGTH (4096)'),
    )
  })
})
