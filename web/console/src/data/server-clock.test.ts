import { describe, expect, it } from 'vitest'
import { ServerClock } from './server-clock.ts'

describe('the clock of the server', () => {
  it('is that of the browser before anything was told', () => {
    expect(new ServerClock().now(1_000)).toBe(1_000)
    expect(Math.abs(new ServerClock().now() - Date.now())).toBeLessThan(1_000)
  })

  it.each([3_600_000, -3_600_000, 0])('is ahead of that of the browser by %d ms', (ahead) => {
    const clock = new ServerClock()
    clock.add(5_000_000 + ahead, 5_000_000)
    expect(clock.now(5_001_000)).toBe(5_001_000 + ahead)
  })

  it('does not go back because an answer was long on its way', () => {
    const clock = new ServerClock()
    clock.add(9_990, 10_000)
    clock.add(10_500, 11_000)
    expect(clock.now(12_000)).toBe(11_990)
    clock.add(11_999, 12_000)
    expect(clock.now(12_000)).toBe(11_999)
  })

  it('follows when either clock is set', () => {
    const clock = new ServerClock()
    clock.add(10_000, 10_000)
    clock.add(11_000, 611_000)
    expect(clock.now(611_000)).toBe(11_000)
  })
})
