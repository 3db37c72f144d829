import { describe, expect, it } from 'vitest'
import { ms, silentLogger, systemClock, toTicks90k } from './index.ts'

describe('units', () => {
  it.each([
    [0, 0],
    [1, 90],
    [2 ** 32, 386_547_056_640],
    [2 ** 33 / 90, 2 ** 33],
  ])('%d ms are %d ticks of 90 kHz, past 32 and 33 bits too', (milliseconds, ticks) => {
    expect(toTicks90k(ms(milliseconds))).toBe(ticks)
  })
})

describe('the system clock', () => {
  it('never goes back, and tells the wall time since the Unix epoch', () => {
    const times = Array.from({ length: 100 }, () => systemClock.now())
    expect(times.toSorted((a, b) => a - b)).toEqual(times)
    const before = Date.now()
    const wallTime = systemClock.wallTime()
    expect(wallTime).toBeGreaterThanOrEqual(before)
    expect(wallTime).toBeLessThanOrEqual(Date.now())
  })
})

describe('the silent logger', () => {
  it('has a child that is silent, too', () => {
    expect(silentLogger.child({ client: 'c1' })).toBe(silentLogger)
  })
})
