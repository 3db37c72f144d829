import { describe, expect, it } from 'vitest'
import { ServerError } from '../base/index.ts'
import { authorityOf, parseLoadTarget, streamNames } from './target.ts'

describe('a target', () => {
  const local = { tls: false, host: '127.0.0.1', app: 'live', stream: 'demo', query: '' }
  it.each([
    ['rtmp://127.0.0.1/live/demo', { ...local, protocol: 'rtmp', port: 1935 }],
    ['rtmp://127.0.0.1:1936/live/demo', { ...local, protocol: 'rtmp', port: 1936 }],
    ['RTMP://127.0.0.1/live/demo.flv', { ...local, protocol: 'rtmp', port: 1935, stream: 'demo.flv' }],
    [
      'rtmp://127.0.0.1/a/b/demo?token=a/b',
      { ...local, protocol: 'rtmp', port: 1935, app: 'a/b', query: '?token=a/b' },
    ],
    ['rtmp://[::1]:1935/live/demo', { ...local, protocol: 'rtmp', host: '::1', port: 1935 }],
    ['http://127.0.0.1/live/demo.flv', { ...local, protocol: 'http-flv', port: 80 }],
    [
      'http://127.0.0.1:8080/live/demo.flv?t=1#x',
      { ...local, protocol: 'http-flv', port: 8080, query: '?t=1' },
    ],
    ['ws://127.0.0.1:8080/live/demo.flv', { ...local, protocol: 'ws-flv', port: 8080 }],
    ['rtmps://127.0.0.1:1443/live/demo', { ...local, protocol: 'rtmp', tls: true, port: 1443 }],
    ['rtmps://127.0.0.1/live/demo', { ...local, protocol: 'rtmp', tls: true, port: 443 }],
    ['https://127.0.0.1/live/demo.flv', { ...local, protocol: 'http-flv', tls: true, port: 443 }],
    ['wss://127.0.0.1:8443/live/demo.flv', { ...local, protocol: 'ws-flv', tls: true, port: 8443 }],
  ])('%s', (url, target) => {
    expect(parseLoadTarget(url)).toEqual(target)
  })

  it.each([
    ['ftp://127.0.0.1/live/demo.flv', 'load goes to rtmp://'],
    ['127.0.0.1/live/demo', 'load goes to rtmp://'],
    ['constructor:', 'load goes to rtmp://'],
    ['http://127.0.0.1/live/demo.m3u8', 'ends with .flv'],
    ['http://127.0.0.1/live/.flv', 'needs a host'],
    ['rtmp://127.0.0.1/demo', 'needs a host'],
    ['rtmp://127.0.0.1:65536/live/demo', 'at most 65535'],
    ['rtmp:///live/demo', 'needs a host'],
  ])('%s is none', (url, why) => {
    expect(() => parseLoadTarget(url)).toThrow(ServerError)
    expect(() => parseLoadTarget(url)).toThrow(why)
  })

  it('is written with brackets round an IPv6 address', () => {
    expect(authorityOf(parseLoadTarget('rtmp://[::1]/live/demo'))).toBe('[::1]:1935')
    expect(authorityOf(parseLoadTarget('rtmp://host/live/demo'))).toBe('host:1935')
  })
})

it('one stream has the name of the URL, several are numbered', () => {
  expect(streamNames('demo', 1)).toEqual(['demo'])
  expect(streamNames('demo', 3)).toEqual(['demo0', 'demo1', 'demo2'])
})
