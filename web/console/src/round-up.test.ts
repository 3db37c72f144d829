import { describe, expect, it } from 'vitest'
import { roundUp } from './round-up.ts'

describe('roundUp', () => {
  it.each([
    [0, 1],
    [-3, 1],
    [0.2, 0.2],
    [0.31, 0.4],
    [7, 8],
    [99, 100],
    [100, 100],
    [1_010_000, 1_500_000],
  ])('of %s is %s', (value, rounded) => {
    expect(roundUp(value)).toBeCloseTo(rounded, 9)
  })
})
