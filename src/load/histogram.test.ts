import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from './histogram.ts'

/** Durations in ms with microseconds, up to a quarter of an hour. */
const durations = fc.array(
  fc.integer({ min: 0, max: 900_000_000 }).map((microseconds) => microseconds / 1000),
  { minLength: 1, maxLength: 50 },
)

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) {
    histogram.record(value)
  }
  return histogram
}

describe('a histogram', () => {
  it('tells percentiles at most 1.6 % too large, and never too small', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (values, part) => {
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0
        const told = histogramOf(values).percentile(part)
        expect(told).toBeGreaterThanOrEqual(exact)
        expect(told).toBeLessThanOrEqual(exact * (1 + 1 / 64))
      }),
    )
  })

  it('is the same counted in one, or in several that went through JSON', () => {
    fc.assert(
      fc.property(durations, durations, (some, others) => {
        const whole = histogramOf([...some, ...others])
        const added = new Histogram(JSON.parse(JSON.stringify(histogramOf(some).data)))
        added.add(JSON.parse(JSON.stringify(histogramOf(others).data)))
        expect(added.distribution).toEqual(whole.distribution)
      }),
    )
  })

  it('tells what came since an earlier state', () => {
    const histogram = histogramOf([1000, 1000])
    const earlier = histogram.data
    histogram.record(3)
    histogram.record(5)
    expect(histogram.since(earlier).count).toBe(2)
    expect(histogram.since(earlier).distribution?.max).toBeCloseTo(5, 0)
    expect(histogram.since(earlier).percentile(0.5)).toBeCloseTo(3, 1)
    expect(histogram.since(histogram.data).distribution).toBeNull()
    expect(histogram.count).toBe(4)
  })

  it('keeps the largest value exact, counts none below 0, and has no distribution without a value', () => {
    expect(new Histogram().distribution).toBeNull()
    expect(new Histogram().percentile(0.5)).toBe(0)
    expect(histogramOf([-5]).distribution).toEqual({ count: 1, p50: 0, p99: 0, max: 0 })
    expect(histogramOf([1, 123.4567]).distribution?.max).toBe(123.4567)
    expect(histogramOf([1e12]).percentile(1)).toBeGreaterThan(2_000_000)
  })
})
