import { expect, it } from 'vitest'
import { type Clock, ms, RateLimit } from './index.ts'

it('so much may happen at once, then so much a second, and never more than at once', () => {
  let now = 5000
  const clock: Clock = { now: () => ms(now), wallTime: () => ms(now) }
  const limit = new RateLimit({ burst: 3, perSecond: 2 }, clock)
  const take = (): boolean[] => Array.from({ length: 4 }, () => limit.take())
  expect(take()).toEqual([true, true, true, false])
  now += 499
  expect(take()).toEqual([false, false, false, false])
  now += 1
  expect(take()).toEqual([true, false, false, false])
  now += 3_600_000
  expect(take()).toEqual([true, true, true, false])
})
