/** A line of a metric. */
export type ParsedSample = Readonly<{ name: string; labels: Readonly<Record<string, string>>; value: number }>

/** A metric. */
export type ParsedMetric = Readonly<{ name: string; help: string; type: string; samples: ParsedSample[] }>

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP_LINE = new RegExp(`^# HELP (${NAME}) (.*)$`, 's')
const TYPE_LINE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE_LINE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`, 's')
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

/**
 * Reads the text format of Prometheus as strictly as `promtool check metrics` does: each metric once, with HELP before TYPE before
 * its lines; no line twice; buckets that grow up to `+Inf`, which has the count; counters end in `_total`.
 * @throws Error that names the line
 */
export function parseExposition(text: string): Map<string, ParsedMetric> {
  if (!text.endsWith('\n')) {
    throw new Error('the last line does not end')
  }
  const metrics = new Map<string, ParsedMetric>()
  const seen = new Set<string>()
  let current: ParsedMetric | null = null
  let help: { name: string; text: string } | null = null
  for (const line of text.slice(0, -1).split('\n')) {
    const helped = HELP_LINE.exec(line)
    const typed = TYPE_LINE.exec(line)
    if (helped !== null) {
      help = { name: helped[1] ?? '', text: helped[2] ?? '' }
    } else if (typed !== null) {
      const [, name = '', type = ''] = typed
      if (help?.name !== name || help.text === '' || metrics.has(name)) {
        throw new Error(`not a new metric with HELP: ${line}`)
      }
      if ((type === 'counter') !== name.endsWith('_total')) {
        throw new Error(`counters end in _total, and nothing else does: ${line}`)
      }
      current = { name, help: help.text, type, samples: [] }
      metrics.set(name, current)
    } else {
      const sample = parseSample(line)
      if (current === null || !namesOf(current).includes(sample.name) || seen.has(keyOf(sample))) {
        throw new Error(`not a new line of ${current?.name}: ${line}`)
      }
      seen.add(keyOf(sample))
      current.samples.push(sample)
    }
  }
  for (const metric of metrics.values()) {
    if (metric.type === 'histogram') {
      checkHistogram(metric)
    }
  }
  return metrics
}

function parseSample(line: string): ParsedSample {
  const [, name = '', labelText = '', valueText = ''] = SAMPLE_LINE.exec(line) ?? []
  const value = Number(valueText.replace('Inf', 'Infinity'))
  if (name === '' || (Number.isNaN(value) && valueText !== 'NaN')) {
    throw new Error(`no line of a metric: ${line}`)
  }
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < labelText.length) {
    const match = LABEL.exec(labelText)
    if (match === null || (match[1] ?? '') in labels) {
      throw new Error(`labels are not right: ${line}`)
    }
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_all, each) => (each === 'n' ? '\n' : each))
  }
  return { name, labels, value }
}

function namesOf({ name, type }: ParsedMetric): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
}

function keyOf({ name, labels }: ParsedSample): string {
  return JSON.stringify([name, Object.entries(labels).sort()])
}

function checkHistogram({ name, samples }: ParsedMetric): void {
  const series = new Map<string, ParsedSample[]>()
  for (const sample of samples) {
    const { le: _le, ...others } = sample.labels
    const key = JSON.stringify(others)
    series.set(key, [...(series.get(key) ?? []), sample])
  }
  for (const [labels, lines] of series) {
    const buckets = lines.filter((line) => line.name === `${name}_bucket`)
    const isGrowing = buckets.every(
      ({ value, labels: { le } }, index) =>
        value >= (buckets[index - 1]?.value ?? 0) && bound(le) > bound(buckets[index - 1]?.labels.le),
    )
    const count = lines.find((line) => line.name === `${name}_count`)
    const last = buckets.at(-1)
    if (
      !isGrowing ||
      last?.labels.le !== '+Inf' ||
      last.value !== count?.value ||
      lines.length !== buckets.length + 2
    ) {
      throw new Error(`the histogram ${name}${labels} is not right`)
    }
  }
}

function bound(le: string | undefined): number {
  return le === undefined ? Number.NEGATIVE_INFINITY : Number(le.replace('Inf', 'Infinity'))
}
