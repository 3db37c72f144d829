import { describe, expect, it } from 'vitest'
import { editDistance, nearestName } from './nearest.ts'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['listen', 'listen', 0],
    ['lisen', 'listen', 1],
    ['lsiten', 'listen', 1],
    ['hls_fragments', 'hls_fragment', 1],
    ['abc', 'xyz', 3],
  ])('of %s and %s is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
    expect(editDistance(b, a)).toBe(distance)
  })
})

describe('nearestName', () => {
  const known = ['listen', 'chunk_size', 'gop_cache', 'on', 'off']

  it.each([
    ['lisen', 'listen'],
    ['LISTEN', 'listen'],
    ['chunksize', 'chunk_size'],
    ['gop-cache', 'gop_cache'],
  ])('of %s is %s', (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest)
  })

  it('of what is like none is none', () => {
    expect(nearestName('publisher_limit', known)).toBeNull()
    expect(nearestName('x', [])).toBeNull()
  })
})
