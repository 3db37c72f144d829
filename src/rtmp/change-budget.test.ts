import { expect, it } from 'vitest'
import { type Clock, LimitError, ms } from '../base/index.ts'
import { CHANGES_PER_SECOND, ChangeBudget, MAX_CHANGES_AT_ONCE } from './change-budget.ts'

it('a client may change what it plays so often at once, then so often a second', () => {
  let now = 0
  const clock: Clock = { now: () => ms(now), wallTime: () => ms(now) }
  const budget = new ChangeBudget(clock)
  const change = (times: number): void => {
    for (let i = 0; i < times; i++) {
      budget.count(i % 2 === 0 ? 'receiveAudio' : 'pause')
    }
  }
  change(MAX_CHANGES_AT_ONCE)
  now += 1000
  change(CHANGES_PER_SECOND)
  now += 3_600_000
  change(MAX_CHANGES_AT_ONCE)
  expect(() => change(1)).toThrow(LimitError)
  expect(() => change(1)).toThrow('33 exceeds MAX_CHANGES_AT_ONCE (32)')
})

it('other commands do not count', () => {
  const budget = new ChangeBudget()
  for (let i = 0; i < 1000; i++) {
    budget.count('_checkbw')
  }
})
