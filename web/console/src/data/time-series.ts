/** Columns for a plot: times in seconds since the Unix epoch, then one column for each value; `null` is a gap. */
export type PlotColumns = [times: number[], ...values: (number | null)[][]]

/** What was not asked for so long, ms, is not known: there is no line over it. */
const MAX_GAP_MS = 10_000

/** Values over time in a ring: as many as there is room for, the oldest go first. */
export class TimeSeries {
  readonly #columns: readonly Float64Array[]
  readonly #times: Float64Array
  #next = 0
  #size = 0

  /**
   * @param width how many values there are at a time
   * @param capacity how many times are kept
   */
  constructor(width: number, capacity: number) {
    this.#times = new Float64Array(capacity)
    this.#columns = Array.from({ length: width }, () => new Float64Array(capacity))
  }

  /** How many times are kept at present. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds values.
   * @param at ms since the Unix epoch; a time that is not later than the last one is left out. Behind one that is much later there is
   *   a gap
   * @param values one for each column; null is not known
   */
  push(at: number, values: readonly (number | null)[]): void {
    const last = this.#size === 0 ? at - 1 : this.#at(this.#times, this.#size - 1)
    if (at <= last) {
      return
    }
    if (at - last > MAX_GAP_MS) {
      this.#write(last + 1, [])
    }
    this.#write(at, values)
  }

  #write(at: number, values: readonly (number | null)[]): void {
    const capacity = this.#times.length
    this.#times[this.#next] = at
    for (const [index, column] of this.#columns.entries()) {
      column[this.#next] = values[index] ?? Number.NaN
    }
    this.#next = (this.#next + 1) % capacity
    this.#size = Math.min(this.#size + 1, capacity)
  }

  /** The newest value of a column; null if there is none or it is not known. */
  latest(column: number): number | null {
    const values = this.#columns[column]
    return values === undefined || this.#size === 0 ? null : known(this.#at(values, this.#size - 1))
  }

  /** What is kept and not older than `since` (ms since the Unix epoch), oldest first. */
  columns(since: number = Number.NEGATIVE_INFINITY): PlotColumns {
    let first = 0
    while (first < this.#size && this.#at(this.#times, first) < since) {
      first++
    }
    const take = <T>(from: Float64Array, map: (value: number) => T): T[] =>
      Array.from({ length: this.#size - first }, (_, index) => map(this.#at(from, first + index)))
    return [take(this.#times, (ms) => ms / 1000), ...this.#columns.map((column) => take(column, known))]
  }

  /** By age: 0 is the oldest. */
  #at(values: Float64Array, index: number): number {
    const capacity = values.length
    return values[(this.#next - this.#size + index + capacity) % capacity] ?? Number.NaN
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
