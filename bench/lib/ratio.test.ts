import { describe, expect, it } from 'vitest'
import { compareInPairs, median } from './ratio.ts'

/** Numbers from 0 to 1 that are the same each time. */
function* pseudoRandom(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

/** Pairs whose first numbers are 1 and whose logarithms differ by these. */
function pairsOf(logarithms: readonly number[]): [number, number][] {
  return logarithms.map((logarithm) => [1, Math.exp(logarithm)])
}

describe('a ratio of pairs', () => {
  // 10, 12 and 20 pairs: critical values 8, 13 and 52 of the tables for two-sided tests at 5 %.
  it.each([
    [6, 0],
    [7, 2],
    [8, 3],
    [10, 8],
    [12, 13],
    [20, 52],
  ])(
    'of %i has an interval that leaves out as many averages of two as the tables of Wilcoxon say: %i',
    (count, outside) => {
      // By powers of two all averages of two differ.
      const values = Array.from({ length: count }, (_none, index) => 2 ** index / 2 ** count)
      const averages = values
        .flatMap((value, index) => values.slice(index).map((other) => (value + other) / 2))
        .sort((a, b) => a - b)
      const { interval } = compareInPairs(pairsOf(values)) ?? {}
      expect(Math.log(interval?.from ?? 0)).toBeCloseTo(averages[outside] ?? 0, 12)
      expect(Math.log(interval?.to ?? 0)).toBeCloseTo(averages.at(-1 - outside) ?? 0, 12)
    },
  )

  it('has an estimate that is the median of all averages of two', () => {
    const values = [0.1, 0.2, 0.4]
    expect(compareInPairs(pairsOf(values))?.estimate).toBeCloseTo(Math.exp((0.2 + 0.25) / 2), 12)
  })

  it('finds a factor exactly where there is nothing else, whatever else moves both', () => {
    const pairs = [3, 50, 7, 7, 900, 1, 2].map((value): [number, number] => [value, value * 1.25])
    const ratio = compareInPairs(pairs)
    expect(ratio?.estimate).toBeCloseTo(1.25, 12)
    expect(ratio?.interval?.from).toBeCloseTo(1.25, 12)
    expect(ratio?.interval?.to).toBeCloseTo(1.25, 12)
  })

  it('moves little by one wild pair', () => {
    const calm = [-0.03, -0.02, -0.01, 0, 0.01, 0.02, 0.03, 0.04, -0.04, 0.05]
    expect(compareInPairs(pairsOf([...calm, 3]))?.estimate).toBeLessThan(1.02)
  })

  it('has no interval below six pairs, and none at all of nothing or of numbers not above 0', () => {
    expect(compareInPairs(pairsOf([1, 2, 3, 4, 5]))?.interval).toBeNull()
    expect(compareInPairs([])).toBeNull()
    expect(compareInPairs([[0, 1]])).toBeNull()
    expect(compareInPairs([[1, Number.NaN]])).toBeNull()
  })

  it('lies beside the truth no more often than one time in twenty, and sees a twentieth if windows differ by as much', () => {
    const random = pseudoRandom(1)
    const noise = (): number =>
      Array.from({ length: 12 }, () => random.next().value).reduce((a, b) => a + b, -6) / 20
    let [missed, found] = [0, 0]
    const rounds = 1000
    for (let round = 0; round < rounds; round++) {
      const nothing = Array.from({ length: 12 }, (): [number, number] => [
        Math.exp(noise()),
        Math.exp(noise()),
      ])
      const { from = 1, to = 1 } = compareInPairs(nothing)?.interval ?? {}
      missed += from > 1 || to < 1 ? 1 : 0
      const something = nothing.map(([first, second]): [number, number] => [first, second * 1.05])
      found += (compareInPairs(something)?.interval?.from ?? 0) > 1 ? 1 : 0
    }
    expect(missed / rounds).toBeLessThan(0.06)
    expect(missed / rounds).toBeGreaterThan(0.03)
    expect(found / rounds).toBeGreaterThan(0.5)
  })
})

describe('a median', () => {
  it.each([
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })
})
