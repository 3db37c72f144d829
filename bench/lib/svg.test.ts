import { describe, expect, it } from 'vitest'
import { element, escapeXml, linearScale, logScale } from './svg.ts'

describe('scales', () => {
  it.each([
    [7.8, [0, 2, 4, 6, 8]],
    [8, [0, 2, 4, 6, 8]],
    [0.31, [0, 0.1, 0.2, 0.3, 0.4]],
    [130, [0, 50, 100, 150]],
    [0, [0, 0.5]],
  ])('go evenly from 0 past %d', (largest, ticks) => {
    const scale = linearScale(largest, 100, 200)
    expect(scale.ticks).toEqual(ticks)
    expect(scale.place(0)).toBe(100)
    expect(scale.place(ticks.at(-1) ?? 0)).toBeCloseTo(200)
  })

  it.each([
    [1, 880, [1, 10, 100, 1000]],
    [0.5, 10, [0.1, 1, 10]],
    [1, 1, [1, 10]],
  ])('go by powers of ten from %d to %d', (smallest, largest, ticks) => {
    const scale = logScale(smallest, largest, 0, 90)
    expect(scale.ticks).toEqual(ticks)
    expect(scale.place(ticks[0] ?? 1)).toBeCloseTo(0)
    expect(scale.place(ticks.at(-1) ?? 1)).toBeCloseTo(90)
  })
})

describe('elements', () => {
  it('escape what is not theirs', () => {
    expect(escapeXml('a < b & "c"')).toBe('a &#60; b &#38; &#34;c&#34;')
    expect(element('text', { x: 1.23456, class: 'a"b' }, 'c')).toBe('<text x="1.23" class="a&#34;b">c</text>')
    expect(element('line', { x1: 0 })).toBe('<line x1="0"/>')
  })
})
