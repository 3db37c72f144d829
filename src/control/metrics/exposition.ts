import { type Histogram, SlicedText } from '../../base/index.ts'

/** The kinds of metrics that we have. */
export type MetricType = 'counter' | 'gauge' | 'histogram'

/** Labels as they stand in a line, without braces, e.g. `app="live",stream="demo"`; '' for none. Made by `formatLabels`. */
export type Labels = string

/** The same in UTF-8, for those of many lines. */
export type LabelBytes = Uint8Array

/** Adds a line to a metric. */
export type AddSample = (value: number, labels?: Labels | LabelBytes) => void

/**
 * Writes metrics in the text format of Prometheus (Exposition formats, text-based format 0.0.4), which is pulled: everything is
 * read from counters that are there anyway, when somebody asks. A registry of metrics would keep all of them twice.
 */
export class ExpositionWriter {
  /** All metrics so far. */
  readonly body: SlicedText = new SlicedText()
  readonly #names = new Set<string>()

  /** The same as a string. */
  get text(): string {
    return String(this.body)
  }

  /** See `SlicedText`. */
  get isSliceFull(): boolean {
    return this.body.isSliceFull
  }

  /** See `SlicedText`. */
  nextSlice(): Promise<void> {
    return this.body.nextSlice()
  }

  /**
   * Begins a metric.
   * @param name unique; of counters it ends in `_total`
   * @param help a sentence
   * @returns adds its lines, before the next metric is begun
   */
  begin(name: string, type: MetricType, help: string): AddSample {
    if (this.#names.has(name)) {
      throw new Error(`the metric ${name} is there already`)
    }
    this.#names.add(name)
    this.body.write(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`)
    const bytes = utf8.encode(name)
    return (value, labels = '') => this.#add(bytes, labels, value)
  }

  /** A gauge of one line. */
  gauge(name: string, help: string, value: number): void {
    this.begin(name, 'gauge', help)(value)
  }

  /** A counter of one line. */
  counter(name: string, help: string, value: number): void {
    this.begin(name, 'counter', help)(value)
  }

  /**
   * A histogram.
   * @param name its unit is seconds
   * @param histograms by labels, in milliseconds
   */
  histogramOfMs(name: string, help: string, histograms: Iterable<readonly [Labels, HistogramCounts]>): void {
    this.begin(name, 'histogram', help)
    for (const [labels, { bounds, counts, sum }] of histograms) {
      const before = labels === '' ? '' : `${labels},`
      let count = 0
      for (const [bucket, inBucket] of counts.entries()) {
        count += inBucket
        const bound = bounds[bucket]
        const le = bound === undefined ? '+Inf' : formatValue(bound / 1000)
        this.#add(utf8.encode(`${name}_bucket`), `${before}le="${le}"`, count)
      }
      this.#add(utf8.encode(`${name}_sum`), labels, sum / 1000)
      this.#add(utf8.encode(`${name}_count`), labels, count)
    }
  }

  #add(name: Uint8Array, labels: Labels | LabelBytes, value: number): void {
    this.body.bytes(name)
    if (labels.length > 0) {
      this.body.bytes(BRACE)
      if (typeof labels === 'string') {
        this.body.write(labels)
      } else {
        this.body.bytes(labels)
      }
      this.body.bytes(BRACE_END)
    }
    this.body.bytes(SPACE)
    if (Math.abs(value) === Number.POSITIVE_INFINITY) {
      this.body.write(formatValue(value))
    } else {
      this.body.number(value)
    }
    this.body.bytes(NEWLINE)
  }
}

const utf8 = new TextEncoder()
const BRACE = utf8.encode('{')
const BRACE_END = utf8.encode('}')
const SPACE = utf8.encode(' ')
const NEWLINE = utf8.encode('\n')

/** What there is to know of a histogram. */
export type HistogramCounts = Pick<Histogram, 'bounds' | 'counts' | 'sum'>

/** Labels as they stand in a line. Values may be anything; names are ours. */
export function formatLabels(labels: Readonly<Record<string, string>>): Labels {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) {
    return '+Inf'
  }
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, escapeOne)
}

function escapeLabel(text: string): string {
  return text.replace(/[\\\n"]/g, escapeOne)
}

function escapeOne(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
