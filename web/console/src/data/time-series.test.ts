import { describe, expect, it } from 'vitest'
import { TimeSeries } from './time-series.ts'

describe('TimeSeries', () => {
  it('gives what was put in, oldest first, in seconds, with gaps where nothing is known', () => {
    const series = new TimeSeries(2, 10)
    series.push(1000, [1, null])
    series.push(2000, [2, 20])
    expect(series.columns()).toEqual([
      [1, 2],
      [1, 2],
      [null, 20],
    ])
    expect(series.latest(0)).toBe(2)
    expect(series.size).toBe(2)
  })

  it('has a gap where it was not asked for long, as in a tab that was not seen', () => {
    const series = new TimeSeries(1, 10)
    series.push(1000, [1])
    series.push(11_000, [2])
    series.push(31_000, [3])
    expect(series.columns()).toEqual([
      [1, 11, 11.001, 31],
      [1, 2, null, 3],
    ])
    expect(series.latest(0)).toBe(3)
  })

  it('forgets the oldest when it is full', () => {
    const series = new TimeSeries(1, 3)
    for (let at = 1; at <= 7; at++) {
      series.push(at * 1000, [at])
    }
    expect(series.columns()).toEqual([
      [5, 6, 7],
      [5, 6, 7],
    ])
  })

  it('gives nothing older than asked for', () => {
    const series = new TimeSeries(1, 3)
    for (let at = 1; at <= 4; at++) {
      series.push(at * 1000, [at])
    }
    expect(series.columns(3000)[0]).toEqual([3, 4])
    expect(series.columns(5000)[0]).toEqual([])
  })

  it('leaves out a time that is not later than the last', () => {
    const series = new TimeSeries(1, 3)
    series.push(2000, [1])
    series.push(2000, [2])
    series.push(1000, [3])
    expect(series.columns()).toEqual([[2], [1]])
  })

  it('knows nothing at first', () => {
    expect(new TimeSeries(1, 3).latest(0)).toBeNull()
    expect(new TimeSeries(1, 3).columns()).toEqual([[], []])
  })
})
