import { describe, expect, it } from 'vitest'
import { Histogram } from './histogram.ts'

describe('Histogram', () => {
  it('counts a value in the first bucket whose bound is not smaller, and what is larger than all in the last', () => {
    const histogram = new Histogram([1, 5, 10])
    for (const value of [0, 1, 1.1, 5, 10, 11, 1e9]) {
      histogram.observe(value)
    }
    expect(histogram.counts).toEqual([2, 2, 1, 2])
    expect(histogram.count).toBe(7)
    expect(histogram.sum).toBeCloseTo(1e9 + 28.1)
  })

  it('counts one value for many at once', () => {
    const histogram = new Histogram([1, 5])
    histogram.observe(3, 1000)
    histogram.observe(3, 0)
    expect(histogram.counts).toEqual([0, 1000, 0])
    expect(histogram.sum).toBe(3000)
  })

  it('tells the bound that a part of the values is not larger than', () => {
    const histogram = new Histogram([1, 5, 10])
    expect(histogram.quantile(0.5)).toBe(0)
    histogram.observe(3, 98)
    histogram.observe(7)
    histogram.observe(20)
    expect([0.5, 0.98, 0.99, 1].map((part) => histogram.quantile(part))).toEqual([
      5,
      5,
      10,
      Number.POSITIVE_INFINITY,
    ])
  })
})
