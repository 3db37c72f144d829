import { describe, expect, it } from 'vitest'
import { findRtmpOrigins, mediaBaseOf, mediaUrl, playUrls } from './urls.ts'

describe('mediaUrl', () => {
  it.each([
    ['flv', 'http://host:8080/', 'http://host:8080/live/demo.flv'],
    ['ws', 'http://host:8080/', 'ws://host:8080/live/demo.flv'],
    ['ws', 'https://host/', 'wss://host/live/demo.flv'],
    ['hls', 'https://host/', 'https://host/live/demo.m3u8'],
    ['flv', 'https://host/behind/proxy/', 'https://host/behind/proxy/live/demo.flv'],
  ] as const)('makes the %s address under %s', (via, base, expected) => {
    expect(mediaUrl('/live/demo', via, base)).toBe(expected)
  })

  it('encodes what a stream name may not hold in an address', () => {
    expect(mediaUrl('/live/a b?c', 'flv', 'http://host/')).toBe('http://host/live/a%20b%3Fc.flv')
  })
})

describe('mediaBaseOf', () => {
  it.each([
    ['http://host:1985/', null, 'http://host:1985/'],
    ['https://host/behind/proxy/', null, 'https://host/behind/proxy/'],
    ['http://host:1985/', 8080, 'http://host:8080/'],
    ['https://[::1]:1990/page', 443, 'https://[::1]/'],
  ])('of %s with media port %j is %s', (page, port, expected) => {
    expect(mediaBaseOf(page, port)).toBe(expected)
  })
})

describe('findRtmpOrigins', () => {
  const both = { rtmp: 19350, rtmps: 19351, media: null }
  it.each([
    ['rtmp://localhost:19350/live', 'rtmp://host:19350'],
    ['rtmp://localhost:1935/live', 'rtmp://host'],
    ['rtmp://localhost/live', 'rtmp://host'],
    ['rtmp://[::1]:19350/live', 'rtmp://host:19350'],
    ['http://localhost:8080/live', 'rtmp://host'],
  ])('takes the port, and only the port, from %s', (tcUrl, rtmp) => {
    expect(findRtmpOrigins('http://host:8080/', [tcUrl], undefined)).toEqual({ rtmp, rtmps: null })
  })

  it.each([
    ['nothing is known', [], undefined, 'rtmp://host', null],
    ['the server listens for both', [], both, 'rtmp://host:19350', 'rtmps://host:19351'],
    ['it listens for RTMPS alone', [], { rtmp: null, rtmps: 443, media: null }, null, 'rtmps://host'],
    ['it listens for RTMP alone', [], { rtmp: 1935, rtmps: null, media: null }, 'rtmp://host', null],
    ['a port is forwarded', ['file:///live', 'rtmps://x/live'], both, 'rtmp://host:19350', 'rtmps://host'],
  ])('knows the addresses when %s', (_, tcUrls, ports, rtmp, rtmps) => {
    expect(findRtmpOrigins('http://host:8080/', tcUrls, ports)).toEqual({ rtmp, rtmps })
  })

  it('keeps the brackets of an IPv6 address', () => {
    expect(findRtmpOrigins('http://[::1]:8080/', [], undefined).rtmp).toBe('rtmp://[::1]')
  })
})

describe('playUrls', () => {
  it('gives every address of a stream', () => {
    const origins = { rtmp: 'rtmp://host:1936', rtmps: 'rtmps://host' }
    expect(playUrls('/live/demo', origins, 'http://host:8080/')).toEqual({
      rtmp: 'rtmp://host:1936/live/demo',
      rtmps: 'rtmps://host/live/demo',
      flv: 'http://host:8080/live/demo.flv',
      ws: 'ws://host:8080/live/demo.flv',
      m3u8: 'http://host:8080/live/demo.m3u8',
    })
  })

  it('names the virtual host in each', () => {
    const origins = { rtmp: 'rtmp://host', rtmps: null }
    expect(playUrls('//a.example/live/demo', origins, 'http://host/')).toEqual({
      rtmp: 'rtmp://host/live/demo?vhost=a.example',
      rtmps: null,
      flv: 'http://host/live/demo.flv?vhost=a.example',
      ws: 'ws://host/live/demo.flv?vhost=a.example',
      m3u8: 'http://host/live/demo.m3u8?vhost=a.example',
    })
  })

  it('leaves out what there is not', () => {
    const urls = playUrls('/live/demo', { rtmp: null, rtmps: null }, 'http://host/')
    expect([urls.rtmp, urls.rtmps]).toEqual([null, null])
  })
})
