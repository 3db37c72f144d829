import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createRelayId,
  joinRelayTrails,
  MAX_RELAY_ID_LENGTH,
  MAX_RELAY_SERVERS,
  readRelayTrail,
  relayFault,
  writeRelayTrail,
} from './relay-trail.ts'

describe('a relay trail', () => {
  it.each([
    [undefined, []],
    [null, []],
    [7, []],
    ['', []],
    ['a', ['a']],
    ['a,b-1,c_2', ['a', 'b-1', 'c_2']],
    [' a , b ', ['a', 'b']],
    [',,a,\u0000,b c,<x>', ['a']],
    ['x'.repeat(100), ['x'.repeat(MAX_RELAY_ID_LENGTH)]],
  ])('of %j is %j', (told, trail) => {
    expect(readRelayTrail(told)).toEqual(trail)
  })

  it('is bounded, whatever is told', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3000 }), (told) => {
        const trail = readRelayTrail(told)
        expect(trail.length).toBeLessThanOrEqual(MAX_RELAY_SERVERS)
        expect(readRelayTrail(writeRelayTrail(trail))).toEqual(trail)
      }),
    )
    const long = Array.from({ length: 5000 }, (_, index) => `s${index}`)
    expect(readRelayTrail(writeRelayTrail(long))).toHaveLength(MAX_RELAY_SERVERS)
  })

  it('has every server once when two tellings are taken together', () => {
    expect(joinRelayTrails(['a', 'b'], ['b', 'c'])).toEqual(['a', 'b', 'c'])
    expect(joinRelayTrails(['a'], [])).toEqual(['a'])
    expect(joinRelayTrails([], ['a'])).toEqual(['a'])
  })

  it('is made of ids that every server can read', () => {
    const ids = Array.from({ length: 100 }, createRelayId)
    expect(new Set(ids).size).toBe(100)
    expect(ids.flatMap((id) => readRelayTrail(id))).toEqual(ids)
  })

  it('lets a stream in that is new here', () => {
    expect(relayFault([], 'me')).toBeNull()
    expect(relayFault(['a', 'b'], 'me')).toBeNull()
  })

  it.each([
    [['me'], 'straight from it'],
    [['me', 'a'], 'through 1 other server;'],
    [['x', 'me', 'a', 'b'], 'through 2 other servers;'],
  ])('of %j is a loop', (trail, way) => {
    expect(relayFault(trail, 'me')).toContain(`a loop: it comes from this very server, ${way}`)
  })

  it('ends after MAX_RELAY_SERVERS', () => {
    const trail = Array.from({ length: MAX_RELAY_SERVERS }, (_, index) => `s${index}`)
    expect(relayFault(trail, 'me')).toBe('it has come through 16 servers already (MAX_RELAY_SERVERS)')
    expect(relayFault(trail.slice(1), 'me')).toBeNull()
  })
})
