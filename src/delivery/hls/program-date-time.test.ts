import { describe, expect, it } from 'vitest'
import { ms } from '../../base/index.ts'
import { MAX_DATE_DRIFT_MS, ProgramDateTime } from './program-date-time.ts'

describe('ProgramDateTime', () => {
  function clockAt(start: number) {
    const clock = { now: start, wallTime: () => ms(clock.now) }
    return clock
  }

  it('follows the timeline and not the jitter of arrival', () => {
    const clock = clockAt(50_000)
    const dates = new ProgramDateTime(clock)
    expect(dates.at(ms(1000), ms(1000))).toBe(50_000)
    clock.now += 2000 + MAX_DATE_DRIFT_MS
    expect(dates.at(ms(3000), ms(3000))).toBe(52_000)
    clock.now -= MAX_DATE_DRIFT_MS + 500
    expect(dates.at(ms(3000), ms(3000))).toBe(52_000)
  })

  it('follows the wall clock when the two have drifted apart', () => {
    const clock = clockAt(50_000)
    const dates = new ProgramDateTime(clock)
    dates.at(ms(0), ms(0))
    clock.now += 2001 + MAX_DATE_DRIFT_MS
    expect(dates.at(ms(2000), ms(2000))).toBe(clock.now)
  })

  it('takes the newest frame for the one that comes now', () => {
    expect(new ProgramDateTime(clockAt(50_000)).at(ms(1000), ms(3000))).toBe(48_000)
  })

  it('begins anew when told', () => {
    const clock = clockAt(50_000)
    const dates = new ProgramDateTime(clock)
    dates.at(ms(0), ms(0))
    clock.now += 500
    expect(dates.at(ms(0), ms(0))).toBe(50_000)
    dates.restart()
    expect(dates.at(ms(0), ms(0))).toBe(50_500)
  })
})
