import { describe, expect, it } from 'vitest'
import { hrefOfStream, hrefOfView, parseConsoleRoute } from './route.ts'

describe('the address of a view', () => {
  it.each(['', '#', '#/', '#/nowhere', '#/overview', '#/stream'])('%j leads to the overview', (hash) => {
    expect(parseConsoleRoute(hash)).toMatchObject({ view: 'overview', path: '' })
  })

  it('may narrow what is shown', () => {
    const route = parseConsoleRoute(hrefOfView('streams', { show: 'faults' }))
    expect(route.view).toBe('streams')
    expect(route.parameters.get('show')).toBe('faults')
  })

  it.each([
    ['/live/demo', '/live/demo'],
    ['example.com/live/demo', '//example.com/live/demo'],
    ['/live/größe und ?#%', '/live/größe und ?#%'],
    ['/live/50%25', '/live/50%25'],
    ['/live/%2e%2e%2fetc', '/live/%2e%2e%2fetc'],
    ['/live/sub/demo', '/live/sub/demo'],
  ])('leads to the stream %j and back', (url, path) => {
    expect(parseConsoleRoute(hrefOfStream(url))).toMatchObject({ view: 'stream', path })
  })
})
