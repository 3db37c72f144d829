import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff, type BackoffOptions } from './backoff.ts'
import type { Clock } from './clock.ts'
import { ms } from './units.ts'

const OPTIONS: BackoffOptions = { firstMs: 1000, maxMs: 15_000, jitter: 0.5, healthyMs: 10_000 }

class HandClock implements Clock {
  #now = 5

  now(): ReturnType<Clock['now']> {
    return ms(this.#now)
  }

  wallTime(): ReturnType<Clock['wallTime']> {
    return ms(this.#now)
  }

  advance(by: number): void {
    this.#now += by
  }
}

describe('Backoff', () => {
  it('doubles the wait with each failure, up to the most', () => {
    const backoff = new Backoff(OPTIONS, new HandClock(), () => 0)
    const waits = Array.from({ length: 7 }, () => backoff.fail())
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
    expect(backoff.failures).toBe(7)
  })

  it('leaves a part of the wait to chance', () => {
    const backoff = new Backoff(OPTIONS, new HandClock(), () => 0.5)
    expect([backoff.fail(), backoff.fail()]).toEqual([750, 1500])
  })

  it('begins anew after what has worked for long enough, not after what worked for a moment', () => {
    const clock = new HandClock()
    const backoff = new Backoff(OPTIONS, clock, () => 0)
    backoff.fail()
    backoff.work()
    clock.advance(9999)
    expect(backoff.fail()).toBe(2000)
    backoff.work()
    clock.advance(6000)
    // Said twice, it works since the first time.
    backoff.work()
    clock.advance(4000)
    expect(backoff.fail()).toBe(1000)
    clock.advance(60_000)
    expect(backoff.fail()).toBe(2000)
  })

  it('is healthy once it has worked for long enough, until it fails', () => {
    const clock = new HandClock()
    const backoff = new Backoff(OPTIONS, clock)
    backoff.work()
    clock.advance(9999)
    expect(backoff.isHealthy).toBe(false)
    clock.advance(1)
    expect(backoff.isHealthy).toBe(true)
    backoff.fail()
    expect(backoff.isHealthy).toBe(false)
  })

  it('asks at most so often within an hour of what ends every 2 s', () => {
    const clock = new HandClock()
    const backoff = new Backoff(OPTIONS, clock)
    let attempts = 0
    for (let atMs = 0; atMs < 3_600_000; attempts++) {
      backoff.work()
      clock.advance(2000)
      atMs += 2000 + backoff.fail()
    }
    // Never more than once in 2 s and half of the longest wait, but for the first few.
    expect(attempts).toBeLessThan(3_600_000 / 9500 + 5)
    expect(attempts).toBeGreaterThan(3_600_000 / 17_000)
  })

  it('gives waits within their bounds, however often it fails', () => {
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (times, chance) => {
          const backoff = new Backoff(OPTIONS, new HandClock(), () => chance)
          let wait = 0
          for (let count = 0; count <= times; count++) {
            wait = backoff.fail()
          }
          expect(wait).toBeGreaterThanOrEqual(OPTIONS.firstMs * (1 - OPTIONS.jitter))
          expect(wait).toBeLessThanOrEqual(OPTIONS.maxMs)
        },
      ),
      { numRuns: 50 },
    )
  })
})
