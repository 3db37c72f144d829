import { describe, expect, it } from 'vitest'
import { decodePath, formatRoute, labelOf, parseRoute, pathOfStream, splitVhost, VIAS } from './route.ts'

describe('parseRoute', () => {
  it.each([
    ['#/live/demo?via=ws', { path: '/live/demo', via: 'ws' }],
    ['#/live/demo', { path: '/live/demo', via: null }],
    ['#/live/demo?via=webrtc', { path: '/live/demo', via: null }],
    ['#/a/b/c?via=hls', { path: '/a/b/c', via: 'hls' }],
    ['#//example.com/live/demo?via=hls', { path: '//example.com/live/demo', via: 'hls' }],
    ['#/live/caf%C3%A9', { path: '/live/café', via: null }],
    ['#/live/100%', { path: '/live/100%', via: null }],
    ['', null],
    ['#/', null],
    ['#/live', null],
    ['#//example.com/live', null],
  ])('reads %s', (hash, expected) => {
    expect(parseRoute(hash)).toEqual(expected)
  })

  it.each(VIAS)('reads back what formatRoute wrote for %s', (via) => {
    for (const path of ['/live/demo', '/live/a b?c#d', '/live/50%25', '/vod/ü', '//[::1]/live/demo']) {
      expect(parseRoute(formatRoute(path, via))).toEqual({ path, via })
    }
  })
})

describe('decodePath', () => {
  it('drops empty segments and a query', () => {
    expect(decodePath('/live//demo?token=1')).toBe('/live/demo')
    expect(decodePath('//a.example//live/demo?token=1')).toBe('//a.example/live/demo')
  })
})

describe('the path of a stream', () => {
  it.each([
    ['/live/demo', '/live/demo', null, 'live/demo'],
    ['example.com/live/demo', '//example.com/live/demo', 'example.com', 'example.com/live/demo'],
  ])('of %s is %s', (url, path, vhost, label) => {
    expect(pathOfStream(url)).toBe(path)
    expect(splitVhost(path)).toEqual({ vhost, path: '/live/demo' })
    expect(labelOf(path)).toBe(label)
  })

  it('is not encoded, in the words of the API', () => {
    expect(pathOfStream('/live/%2e%2e%2fetc')).toBe('/live/%2e%2e%2fetc')
    expect(parseRoute(formatRoute(pathOfStream('a.example/live/50%25'), 'flv'))?.path).toBe(
      '//a.example/live/50%25',
    )
  })

  it('is shown without what would turn the direction of the text behind it', () => {
    expect(labelOf('/live/\u202edemo\u2066 قناة')).toBe('live/demo قناة')
  })
})
