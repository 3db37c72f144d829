import { expect, it } from 'vitest'
import { backOffMs } from './back-off.ts'

it('waits twice as long after each failure, up to the longest, and never quite the same', () => {
  expect([1, 2, 3, 4, 5, 99].map((failures) => backOffMs(failures, 0))).toEqual([
    1000, 2000, 4000, 8000, 15_000, 15_000,
  ])
  expect(backOffMs(2, 1)).toBe(1500)
})
