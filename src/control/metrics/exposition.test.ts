import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../base/index.ts'
import { ExpositionWriter, formatLabels } from './exposition.ts'
import { parseExposition } from './testing/parse-exposition.ts'

describe('The text format of Prometheus', () => {
  it('has HELP, TYPE and a line for each value', () => {
    const writer = new ExpositionWriter()
    writer.gauge('a', 'It is\nsplit \\ so.', 1.5)
    writer.counter('b_total', 'Counts.', 670011)
    const add = writer.begin('c', 'gauge', 'By kind.')
    add(0, formatLabels({ kind: 'x', name: 'a "b" \\ c\nd' }))
    add(Number.POSITIVE_INFINITY, formatLabels({ kind: 'y' }))
    expect(writer.text).toBe(
      [
        '# HELP a It is\\nsplit \\\\ so.',
        '# TYPE a gauge',
        'a 1.5',
        '# HELP b_total Counts.',
        '# TYPE b_total counter',
        'b_total 670011',
        '# HELP c By kind.',
        '# TYPE c gauge',
        'c{kind="x",name="a \\"b\\" \\\\ c\\nd"} 0',
        'c{kind="y"} +Inf',
        '',
      ].join('\n'),
    )
    expect(parseExposition(writer.text).get('c')?.samples[0]?.labels.name).toBe('a "b" \\ c\nd')
  })

  it('has the buckets of a histogram, each with those below it, in seconds', () => {
    const histogram = new Histogram([1, 10])
    histogram.observe(0.5, 3)
    histogram.observe(10)
    histogram.observe(400)
    const writer = new ExpositionWriter()
    writer.histogramOfMs('lag_seconds', 'Lag.', [['kind="x"', histogram]])
    expect(writer.text.split('\n').slice(2, -1)).toEqual([
      'lag_seconds_bucket{kind="x",le="0.001"} 3',
      'lag_seconds_bucket{kind="x",le="0.01"} 4',
      'lag_seconds_bucket{kind="x",le="+Inf"} 5',
      'lag_seconds_sum{kind="x"} 0.4115',
      'lag_seconds_count{kind="x"} 5',
    ])
    parseExposition(writer.text)
  })

  it('takes each name once', () => {
    const writer = new ExpositionWriter()
    writer.gauge('a', 'A.', 1)
    expect(() => writer.gauge('a', 'A.', 1)).toThrow('the metric a is there already')
  })

  it('can be read again whatever a label says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.double(), (text, value) => {
        const writer = new ExpositionWriter()
        writer.begin('a', 'gauge', 'A.')(value, formatLabels({ text }))
        const [sample] = parseExposition(writer.text).get('a')?.samples ?? []
        expect(sample?.labels).toEqual({ text })
        expect(sample?.value).toEqual(value === 0 ? 0 : value)
      }),
    )
  })
})

describe('A reader of the text format', () => {
  it.each([
    ['a 1\n', 'not a new line of undefined'],
    ['# HELP a A.\n# TYPE a gauge\na 1', 'the last line does not end'],
    ['# TYPE a gauge\na 1\n', 'not a new metric with HELP'],
    ['# HELP a A.\n# TYPE a counter\na 1\n', 'counters end in _total'],
    ['# HELP a A.\n# TYPE a gauge\na 1\na 2\n', 'not a new line of a'],
    ['# HELP a A.\n# TYPE a gauge\nb 1\n', 'not a new line of a'],
    ['# HELP a A.\n# TYPE a gauge\na{x=1} 1\n', 'labels are not right'],
    ['# HELP a A.\n# TYPE a gauge\na x\n', 'no line of a metric'],
    [
      '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
      'histogram a{} is not right',
    ],
  ])('refuses what is wrong: %j', (text, message) => {
    expect(() => parseExposition(text)).toThrow(message)
  })
})
