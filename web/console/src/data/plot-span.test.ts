import { expect, it } from 'vitest'
import { plotSpanMs } from './plot-span.ts'

it('a plot looks back as far as there is something to see, from one minute to ten', () => {
  const now = 10_000_000
  const span = (ageMs: number): number => plotSpanMs([(now - ageMs) / 1000, now / 1000], now)
  expect(plotSpanMs([], now)).toBe(60_000)
  expect(span(20_000)).toBe(60_000)
  expect(span(61_000)).toBe(120_000)
  expect(span(250_000)).toBe(300_000)
  expect(span(900_000)).toBe(600_000)
})
