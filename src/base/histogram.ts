/**
 * Counts values by size in buckets that are fixed beforehand: to count is a few comparisons and allocates nothing. The form is that
 * of a Prometheus histogram.
 */
export class Histogram {
  /** The largest value of each bucket but the last, which is for all that are larger; ascending. */
  readonly bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  /** @param bounds ascending, in the unit of the values */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  /** How many values each bucket has, one more than there are `bounds`. A live view: copy it to keep it. */
  get counts(): readonly number[] {
    return this.#counts
  }

  /** How many values there are. */
  get count(): number {
    return this.#counts.reduce((total, each) => total + each, 0)
  }

  /** All values together. */
  get sum(): number {
    return this.#sum
  }

  /** Counts a value, `count` times. */
  observe(value: number, count = 1): void {
    let bucket = 0
    // The last bucket has no bound.
    while (value > (this.bounds[bucket] ?? Number.POSITIVE_INFINITY)) {
      bucket++
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
    this.#sum += value * count
  }

  /**
   * The bound that so many of the values are not larger than.
   * @param part e.g. 0.99
   * @returns Infinity if that is among those larger than the last bound; 0 without values
   */
  quantile(part: number): number {
    const wanted = this.count * part
    let counted = 0
    for (const [bucket, count] of this.#counts.entries()) {
      counted += count
      if (counted >= wanted && counted > 0) {
        return this.bounds[bucket] ?? Number.POSITIVE_INFINITY
      }
    }
    return 0
  }
}
