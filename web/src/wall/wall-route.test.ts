import { describe, expect, it } from 'vitest'
import { formatRoute } from '../route.ts'
import { formatWallRoute, groupOf, isChosen, MAX_WALL_SERVERS, parseWallRoute } from './wall-route.ts'

const NOTHING = { choice: '', servers: [], faults: [] }

describe('the address of the wall', () => {
  it.each([
    ['#/wall', NOTHING],
    ['#/wall/', NOTHING],
    ['#/wall/live', { ...NOTHING, choice: '/live' }],
    ['#/wall/caf%C3%A9', { ...NOTHING, choice: '/café' }],
    ['#/wall//a.example/live', { ...NOTHING, choice: '//a.example/live' }],
    ['#/wall?server=http://host:8081', { ...NOTHING, servers: ['http://host:8081/'] }],
    [
      '#/wall/live?server=http%3A%2F%2Fhost%3A8081%2F&server=https://b.example/srs',
      { ...NOTHING, choice: '/live', servers: ['http://host:8081/', 'https://b.example/srs/'] },
    ],
    ['#/wall?server=http://user:secret@host/?a=b', { ...NOTHING, servers: ['http://host/'] }],
    ['#/wall?server=javascript:alert(1)', { ...NOTHING, faults: ['javascript:alert(1)'] }],
    ['#/wall?server=host:8081', { ...NOTHING, faults: ['host:8081'] }],
    ['#/live/demo', null],
    ['#/wallpaper', null],
    ['', null],
  ])('%s is read', (hash, expected) => {
    expect(parseWallRoute(hash)).toEqual(expected)
  })

  it('is not that of a stream in an application of this name', () => {
    expect(parseWallRoute(formatRoute('/wall/live', 'flv'))).toBeNull()
  })

  it('is read back as it was written', () => {
    for (const choice of ['', '/live', '//a.example/a b', '/ü?#']) {
      const route = { choice, servers: ['http://[::1]:8081/', 'https://b.example/a%20b&c/'], faults: [] }
      expect(parseWallRoute(formatWallRoute(route))).toEqual(route)
    }
  })

  it('names a few servers at most, each once', () => {
    const many = Array.from({ length: MAX_WALL_SERVERS + 3 }, (_, index) => `server=http://host:${index + 1}`)
    expect(parseWallRoute(`#/wall?${many.join('&')}`)?.servers).toHaveLength(MAX_WALL_SERVERS)
    expect(parseWallRoute('#/wall?server=http://a&server=http://a')?.servers).toEqual(['http://a/'])
  })
})

describe('a choice of streams', () => {
  it.each([
    ['/live/demo', '', true],
    ['/live/demo', '/live', true],
    ['/live/demo', '/live/demo', true],
    ['/lively/demo', '/live', false],
    ['//a.example/live/demo', '/live', false],
    ['//a.example/live/demo', '//a.example', true],
    ['//a.example/live/demo', '//a.example/live', true],
  ])('has %s in %s: %s', (path, choice, expected) => {
    expect(isChosen(path, choice)).toBe(expected)
  })

  it('is offered for what streams are in', () => {
    expect(['/live/demo', '//a.example/live/demo'].map(groupOf)).toEqual(['/live', '//a.example/live'])
  })
})
