/** What a `Histogram` is between processes: a plain value that JSON can carry. */
export type HistogramData = Readonly<{
  /** Bucket numbers and how many values each holds; empty buckets are left out. */
  buckets: readonly (readonly [bucket: number, count: number])[]
  /** The largest value, ms; 0 if there is none. */
  max: number
}>

/** How values are spread. All but `count` in ms. */
export type Distribution = Readonly<{
  /** How many values there are. */
  count: number
  /** Half of the values are not larger. */
  p50: number
  /** 99 % of the values are not larger. */
  p99: number
  /** The largest value, exact. */
  max: number
}>

/** Values below it have a bucket each, in microseconds. */
const LINEAR_BUCKETS = 128
/** Buckets of every power of two above: a bucket is at most 1/64 as wide as its values are large. */
const BUCKETS_PER_OCTAVE = 64
/** Larger values count as this one in percentiles, microseconds: half an hour, and within 31 bits. */
const MAX_MICROSECONDS = 0x7fffffff

/** Counts durations by size, so that millions take no more memory than one, and counts of several processes can be added. */
export class Histogram {
  readonly #counts = new Map<number, number>()
  #count = 0
  #max = 0

  /** @param data what `data` gave of another one */
  constructor(data: HistogramData = { buckets: [], max: 0 }) {
    this.add(data)
  }

  /** How many values there are. */
  get count(): number {
    return this.#count
  }

  /** A plain value; unaffected by what is recorded afterwards. */
  get data(): HistogramData {
    return { buckets: [...this.#counts], max: this.#max }
  }

  /** Counts a duration, ms; a negative one counts as 0. */
  record(ms: number): void {
    const bucket = bucketOf(Math.min(Math.max(Math.round(ms * 1000), 0), MAX_MICROSECONDS))
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1)
    this.#count++
    this.#max = Math.max(this.#max, ms)
  }

  /** Adds the values of another one. */
  add(data: HistogramData): void {
    for (const [bucket, count] of data.buckets) {
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count)
      this.#count += count
    }
    this.#max = Math.max(this.#max, data.max)
  }

  /**
   * What came after an earlier state of this one; its largest value is known as exactly as its percentiles.
   * @param earlier its `data` then
   */
  since(earlier: HistogramData): Histogram {
    const difference = new Histogram(this.data)
    for (const [bucket, count] of earlier.buckets) {
      difference.#counts.set(bucket, (difference.#counts.get(bucket) ?? 0) - count)
      difference.#count -= count
    }
    const filled = [...difference.#counts].filter(([, count]) => count > 0).map(([bucket]) => bucket)
    const highest = filled.reduce((a, b) => Math.max(a, b), 0)
    difference.#max = Math.min(this.#max, upperBound(highest) / 1000)
    return difference
  }

  /** The value that a part of all values is not larger than, ms, at most 1.6 % too large. 0 if there is none. */
  percentile(part: number): number {
    const wanted = Math.max(1, Math.ceil(part * this.#count))
    let seen = 0
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count
      if (seen >= wanted) {
        return Math.min(upperBound(bucket) / 1000, this.#max)
      }
    }
    return 0
  }

  /** The figures that people ask for; null if there is no value. */
  get distribution(): Distribution | null {
    if (this.#count === 0) {
      return null
    }
    return { count: this.#count, p50: this.percentile(0.5), p99: this.percentile(0.99), max: this.#max }
  }
}

function bucketOf(microseconds: number): number {
  if (microseconds < LINEAR_BUCKETS) {
    return microseconds
  }
  const octave = Math.floor(Math.log2(microseconds)) - Math.log2(LINEAR_BUCKETS)
  const width = 2 ** (octave + 1)
  return LINEAR_BUCKETS + octave * BUCKETS_PER_OCTAVE + Math.floor(microseconds / width) - BUCKETS_PER_OCTAVE
}

/** The largest value of a bucket, microseconds. */
function upperBound(bucket: number): number {
  if (bucket < LINEAR_BUCKETS) {
    return bucket
  }
  const octave = Math.floor((bucket - LINEAR_BUCKETS) / BUCKETS_PER_OCTAVE)
  const place = ((bucket - LINEAR_BUCKETS) % BUCKETS_PER_OCTAVE) + BUCKETS_PER_OCTAVE
  return (place + 1) * 2 ** (octave + 1) - 1
}
