import { describe, expect, it } from 'vitest'
import type { ServerSettings } from '../control/index.ts'
import type { RunningListener, ServerListener } from './listeners.ts'
import { ownRtmpAddress } from './own-address.ts'
import { wantedListeners } from './wanted-listeners.ts'

/** The listeners of settings, as if they listened; port 0 is 40000. */
function addressFor(settings: ServerSettings): string {
  const running = wantedListeners(settings).map((wanted): RunningListener => {
    const { options } = wanted
    const address =
      'path' in options
        ? { path: options.path }
        : { host: options.host ?? '127.0.0.1', port: options.port === 0 ? 40_000 : options.port }
    return { wanted, listener: { address } as ServerListener, credentials: null }
  })
  const { host, port } = ownRtmpAddress({ running })
  return `${host}:${port}`
}

const TLS = { port: 443, certificate: 'c.pem', key: 'k.pem' }

describe('where FFmpeg on this machine reaches the server', () => {
  it.each<[string, ServerSettings['rtmp'], string]>([
    ['every interface', { host: '', port: 1935 }, '127.0.0.1:1935'],
    ['every interface of IPv4', { host: '0.0.0.0', port: 1936 }, '127.0.0.1:1936'],
    ['every interface of IPv6, which has IPv4, too', { host: '::', port: 1935 }, '127.0.0.1:1935'],
    ['the loopback, and a port that the system chose', { host: '127.0.0.1', port: 0 }, '127.0.0.1:40000'],
    ['the loopback by its name', { host: 'localhost', port: 1935 }, '127.0.0.1:1935'],
    ['another loopback', { host: '127.0.0.2', port: 1935 }, '127.0.0.2:1935'],
    ['the loopback of IPv6', { host: '::1', port: 1935 }, '[::1]:1935'],
    ['one address of the machine', { host: '192.0.2.1', port: 1935 }, '192.0.2.1:1935'],
    [
      'a Unix socket, and then a port',
      { addresses: [{ path: '/run/srs.sock' }, { host: '192.0.2.1', port: 1936 }] },
      '192.0.2.1:1936',
    ],
  ])('is the first RTMP listener: %s', (_, rtmp, expected) => {
    expect(addressFor({ ...(rtmp === undefined ? {} : { rtmp }) })).toBe(expected)
  })

  it.each<[string, ServerSettings, RegExp]>([
    [
      'nothing but HTTP',
      { http: { port: 8080 } },
      /listens for no RTMP without TLS: say 'listen 127\.0\.0\.1:1935;'/,
    ],
    ['nothing but RTMPS', { rtmps: TLS }, /listens for no RTMP without TLS: say 'listen 127\.0\.0\.1:1935;'/],
    [
      'a Unix socket',
      { rtmp: { path: '/run/srs.sock' } },
      /is a Unix socket, .* say 'listen 127\.0\.0\.1:1935;'/,
    ],
    [
      'proxies',
      { rtmp: { port: 1935, proxyProtocol: true } },
      /expects the PROXY protocol, .*: switch proxy_protocol off for 'listener rtmp'/,
    ],
  ])('is nowhere with %s, and the reason says what to do', (_, settings, reason) => {
    expect(() => addressFor(settings)).toThrow(reason)
  })
})
