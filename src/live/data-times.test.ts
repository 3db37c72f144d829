import { describe, expect, it } from 'vitest'
import { ms } from '../base/index.ts'
import { DataTimes } from './data-times.ts'

describe('DataTimes', () => {
  const now = ms(7_777)

  it.each([
    ['with the media', 1_000, 40, 1_000, 40],
    ['a little later', 1_000, 40, 1_020, 60],
    ['a little earlier', 1_000, 40, 980, 20],
    ['across 2^32', 4_294_967_290, 500, 4, 510],
    ['back across 2^32', 4, 500, 4_294_967_290, 490],
    ['as far off as may be', 1_000, 40, 4_000, 3_040],
    ['further off', 1_000, 40, 4_001, 7_777],
    ['at 0 in mid-stream', 1_000_000, 900_000, 0, 7_777],
  ])('places what is stamped %s', (_, source, position, stamp, expected) => {
    const times = new DataTimes()
    times.onMedia(source, ms(position))
    expect(times.place(stamp, now)).toBe(expected)
  })

  it('places what comes before any media where it is told to', () => {
    expect(new DataTimes().place(5, now)).toBe(now)
  })

  it('never goes back, nor below 0', () => {
    const times = new DataTimes()
    times.onMedia(1_000, ms(10))
    expect([900, 1_100, 1_050, 1_200].map((stamp) => times.place(stamp, now))).toEqual([0, 110, 110, 210])
  })
})
