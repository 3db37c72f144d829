/** By what factor two kinds of windows differ, and how sure that is. */
export type Ratio = Readonly<{
  /** The Hodges-Lehmann estimate: half of what pairs say, each alone or two together, is above, half below. */
  estimate: number
  /** A 95 % confidence interval for it; null of fewer than six pairs, which can't give one. */
  interval: Readonly<{ from: number; to: number }> | null
}>

/** How often an interval may lie beside what it is for. */
const ERROR_RATE = 0.05

/**
 * Compares measurements that were made in pairs, each pair at about the same time: the factor between them, by Wilcoxon's signed
 * ranks (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, 3.1 to 3.3). No shape of the distribution is assumed, only
 * that it would not matter which one of a pair is which if there were no difference; and one wild pair moves little.
 * @param pairs two numbers each; the ratio is that of the second to the first
 * @returns null if there are no pairs, or a number is not above 0
 */
export function compareInPairs(pairs: readonly (readonly [first: number, second: number])[]): Ratio | null {
  if (pairs.length === 0 || pairs.flat().some((value) => !(value > 0))) {
    return null
  }
  const logarithms = pairs.map(([first, second]) => Math.log(second / first))
  const averages = walshAverages(logarithms)
  return { estimate: Math.exp(median(averages)), interval: intervalOf(averages, pairs.length) }
}

/** The middle one, or halfway between the two in the middle. @param values one at least */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, each) => sum + each, 0) / middle.length
}

/** The average of each value with each, itself included; the smallest first. */
function walshAverages(values: readonly number[]): number[] {
  return values
    .flatMap((value, index) => values.slice(index).map((other) => (value + other) / 2))
    .sort((a, b) => a - b)
}

function intervalOf(averages: readonly number[], pairs: number): Ratio['interval'] {
  const below = largestUnlikelySum(pairs)
  const [from, to] = below === null ? [] : [averages[below], averages.at(-1 - below)]
  return from === undefined || to === undefined ? null : { from: Math.exp(from), to: Math.exp(to) }
}

/**
 * The largest sum of the ranks of positive differences that chance stays at or below no more often than half the error rate: so many averages
 * lie below the interval, and as many above.
 * @returns null if there is none
 */
function largestUnlikelySum(pairs: number): number | null {
  let below = 0
  for (const [sum, ways] of waysToSum(pairs).entries()) {
    below += ways
    if (below / 2 ** pairs > ERROR_RATE / 2) {
      return sum === 0 ? null : sum - 1
    }
  }
  return null
}

/** For each sum, how many subsets of the ranks 1 to `count` have it. */
function waysToSum(count: number): number[] {
  const ways: number[] = [1, ...Array<number>((count * (count + 1)) / 2).fill(0)]
  for (let rank = 1; rank <= count; rank++) {
    for (let sum = ways.length - 1; sum >= rank; sum--) {
      ways[sum] = (ways[sum] ?? 0) + (ways[sum - rank] ?? 0)
    }
  }
  return ways
}
