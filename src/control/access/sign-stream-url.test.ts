import { describe, expect, it } from 'vitest'
import { type SignStreamUrlOptions, signStreamUrl, streamOfUrl } from './sign-stream-url.ts'
import { NOW_MS } from './testing/access-rig.ts'

const OPTIONS: SignStreamUrlOptions = {
  action: 'play',
  expires: NOW_MS,
  key: { id: 'k1', secret: 'the secret of this key' },
}

function signatureOf(url: string, options: Partial<SignStreamUrlOptions> = {}): string {
  return new URL(signStreamUrl(url, { ...OPTIONS, ...options })).searchParams.get('sig') ?? ''
}

describe('signing a URL', () => {
  it('gives the same signature for every protocol, host and port', () => {
    const signatures = [
      'rtmp://host/live/demo',
      'rtmps://other.example:443/live/demo',
      'http://host:8080/live/demo.flv',
      'ws://host:8080/live/demo.flv',
      'https://cdn.example/live/demo.m3u8',
    ].map((url) => signatureOf(url))
    expect(new Set(signatures).size).toBe(1)
  })

  it('keeps the rest of the query, and takes off a signature that is there', () => {
    const first = signStreamUrl('http://host/live/demo.flv?start=1', OPTIONS)
    expect(first).toMatch(/^http:\/\/host\/live\/demo\.flv\?start=1&expires=1700000000&key=k1&sig=[\w-]{43}$/)
    const again = signStreamUrl(first, { ...OPTIONS, expires: NOW_MS + 1000 })
    expect(again).toMatch(/^http:\/\/host\/live\/demo\.flv\?start=1&expires=1700000001&key=k1&sig=[\w-]{43}$/)
  })

  it('writes what URLs of RTMP clients must not have with escapes', () => {
    const url = signStreamUrl('rtmp://host/live/demo', {
      ...OPTIONS,
      address: '2001:db8::/64',
      wholeApp: true,
    })
    expect(url).toContain('?expires=1700000000&address=2001%3Adb8%3A%3A%2F64&scope=app&key=k1&sig=')
    expect(url.slice('rtmp://host/live/'.length)).not.toMatch(/[/:]/)
  })

  it('is for the virtual host that the options or the URL name', () => {
    const signatures = [
      signatureOf('rtmp://host/live/demo', { vhost: 'a.example' }),
      signatureOf('rtmp://host/live/demo?vhost=a.example'),
      signatureOf('rtmp://host/live/demo?vhost=A.Example:1935'),
      signatureOf('rtmp://host/live/demo?domain=a.example'),
      signatureOf('rtmp://host/live/demo?vhost=b.example', { vhost: 'a.example' }),
    ]
    expect(new Set(signatures).size).toBe(1)
    expect(signatureOf('rtmp://host/live/demo')).not.toBe(signatures[0])
  })

  it.each([
    ['rtmp://host/live/demo', 'live', 'demo'],
    ['rtmp://host/a/b/demo', 'a/b', 'demo'],
    ['http://host/live/a%20b.m3u8', 'live', 'a b'],
    ['rtmp://host/live/a%20b', 'live', 'a%20b'],
  ])('reads the stream of %s', (url, app, stream) => {
    expect(streamOfUrl(url)).toMatchObject({ app, stream })
  })

  it.each(['', 'demo', 'live/demo', 'http://host/', 'http://host/live/%zz'])(
    'does not take %j for a URL',
    (url) => {
      expect(() => signStreamUrl(url, OPTIONS)).toThrow(
        `'${url}' is no URL of a stream, such as rtmp://host/live/demo`,
      )
    },
  )

  it.each<[Partial<SignStreamUrlOptions>, string]>([
    [{ expires: Number.NaN }, "'NaN' is no time in ms since 1970"],
    [{ expires: -1000 }, "'-1000' is no time in ms since 1970"],
    [{ expires: new Date('never') }, 'is no time in ms since 1970'],
    [{ expires: 1e14 }, 'is no time in ms since 1970'],
    [{ address: 'example.com' }, "address: 'example.com' is no IP address or network"],
    [{ action: 'watch' as 'play' }, "'watch' can't be signed for, only 'publish' and 'play'"],
  ])('does not take %j', (options, message) => {
    expect(() => signatureOf('rtmp://host/live/demo', options)).toThrow(message)
  })
})
