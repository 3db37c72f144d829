import { describe, expect, it } from 'vitest'
import { describeSigned, originsOf, readDuration, signForAll } from './sign-text.ts'

const KEY = { id: 'k1', secret: 'the secret of this key' }
const EXPIRES = new Date(1_700_000_000_000)

describe('the origins of a URL', () => {
  it.each([
    ['rtmp://host/live/demo', 'rtmp://host', 'http://host:8080'],
    ['rtmp://host:1936/live/demo', 'rtmp://host:1936', 'http://host:8080'],
    ['rtmps://host/live/demo', 'rtmps://host', 'https://host:8443'],
    ['http://host/live/demo.flv', 'rtmp://host', 'http://host'],
    ['http://host:8081/live/demo.flv', 'rtmp://host', 'http://host:8081'],
    ['wss://[::1]:8443/live/demo.flv', 'rtmps://[::1]', 'https://[::1]:8443'],
  ])('of %s are %s and %s', (url, rtmp, http) => {
    expect(originsOf(url)).toEqual({ rtmp, http })
  })

  it.each(['', 'host/live/demo', 'ftp://host/live/demo', 'rtmp://host'])('are not those of %j', (url) => {
    expect(() => originsOf(url)).toThrow(`'${url}' is no URL of a stream`)
  })
})

describe('signing for all protocols', () => {
  const sign = (url: string, action: 'publish' | 'play'): Record<string, string> =>
    signForAll(url, originsOf(url), { action, expires: EXPIRES, key: KEY })

  it('gives a publisher one URL, and the same in two parts for OBS', () => {
    const urls = sign('rtmp://host/live/demo?vhost=a.example', 'publish')
    expect(Object.keys(urls)).toEqual(['RTMP', 'OBS server', 'OBS stream key'])
    expect(urls.RTMP).toMatch(/^rtmp:\/\/host\/live\/demo\?vhost=a\.example&expires=1700000000&key=k1&sig=/)
    expect(`${urls['OBS server']}/${urls['OBS stream key']}`).toBe(urls.RTMP)
  })

  it('gives a player one URL for each protocol, with one signature', () => {
    const urls = sign('http://host:8080/live/a%20b.flv', 'play')
    expect(Object.values(urls).map((url) => url.replace(/\?.*/, ''))).toEqual([
      'rtmp://host/live/a b',
      'http://host:8080/live/a%20b.flv',
      'ws://host:8080/live/a%20b.flv',
      'http://host:8080/live/a%20b.m3u8',
    ])
    expect(new Set(Object.values(urls).map((url) => url.replace(/.*\?/, ''))).size).toBe(1)
  })

  it('is told in lines, with the end', () => {
    expect(describeSigned({ RTMP: 'rtmp://a', 'OBS server': 'b' }, EXPIRES)).toBe(
      'RTMP        rtmp://a\nOBS server  b\nuntil       2023-11-14T22:13:20Z\n',
    )
  })
})

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['3660d', 316_224_000_000],
    ['3661d', null],
    ['0s', null],
    ['-1h', null],
    ['1y', null],
    ['1', null],
    ['1.5h', null],
    ['', null],
  ])('of %j is %j ms', (text, expected) => {
    expect(readDuration(text)).toBe(expected)
  })
})
