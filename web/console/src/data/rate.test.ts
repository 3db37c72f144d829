import { describe, expect, it } from 'vitest'
import { BitRate } from './rate.ts'

describe('BitRate', () => {
  it('is bits a second between two readings', () => {
    const rate = new BitRate()
    expect(rate.add(1000, 5000)).toBeNull()
    expect(rate.add(3000, 5250)).toBe(1000)
    expect(rate.add(3500, 5250)).toBe(0)
  })

  it('stays as it was when a reading comes twice', () => {
    const rate = new BitRate()
    rate.add(1000, 0)
    rate.add(2000, 1000)
    expect(rate.add(2000, 1000)).toBe(8000)
    expect(rate.add(3000, 1500)).toBe(4000)
  })

  it('is not known when the counter begins anew, or the clock goes back', () => {
    const rate = new BitRate()
    rate.add(1000, 5000)
    expect(rate.add(2000, 10)).toBeNull()
    expect(rate.add(3000, 135)).toBe(1000)
    expect(rate.add(1500, 200)).toBeNull()
  })
})
