import { describe, expect, it } from 'vitest'
import { fillPage, reportParts, resultsTable, runsTable } from './markdown.ts'
import { drawPlots } from './plots.ts'
import { type BenchResult, withScenarios } from './results.ts'
import { markdownTable, textTable } from './table.ts'

const result: BenchResult = {
  date: '2026-01-02T03:04:05.000Z',
  revision: 'abc1234',
  command: 'npm run bench',
  machine: { processor: 'A & B', processors: 2, memoryBytes: 8e9, kernel: 'Linux 6', node: '24.0.0' },
  servers: { ours: 'ours 1', 'nginx-rtmp': 'nginx 2' },
  windowSeconds: 15,
  quick: false,
  scenarios: [
    {
      id: 'a',
      title: 'so many players',
      runs: [
        {
          label: 'ours',
          server: 'ours',
          players: 9,
          metrics: { cpuPerGb: 1.234, latencyP50Ms: 5, latencyP99Ms: 9.96 },
          failure: null,
        },
        { label: 'other', server: 'nginx-rtmp', players: 9, metrics: { cpuPerGb: 4 }, failure: null },
        { label: 'absent', server: 'floor', players: 9, metrics: {}, failure: 'not installed\nat all' },
      ],
      targets: [
        { text: 'a ratio', value: 0.31, atMost: 0.5, met: true },
        { text: 'a number', value: 44.6, atMost: 40, met: false },
        { text: 'another', value: null, atMost: 1, met: null },
      ],
    },
  ],
}

describe('the page', () => {
  const page =
    '# T\n\n<!-- bench:machine -->\nold\n<!-- bench:end -->\nx <!-- bench:targets -->\n<!-- bench:end -->\n'
  const places = `${page}<!-- bench:scenario-a -->\nold\n<!-- bench:end -->\n<!-- bench:scenario-b -->\nold\n<!-- bench:end -->\n`

  it('gets every part at its place, and filling it again changes nothing', () => {
    const filled = fillPage(places, reportParts(result))
    expect(filled).toContain('| a | a ratio | 0.31 | 0.5 | met |')
    expect(filled).toContain('| a | a number | 45 | 40 | not met |')
    expect(filled).toContain('| a | another | - | 1 | not measured |')
    expect(filled).toContain('| CPU s/GB | 1.23 | 4.00 |  |')
    expect(filled).toContain('absent: not installed\n')
    expect(filled).toContain('- 2026-01-02, revision abc1234, `npm run bench`')
    expect(filled).toContain('Not measured in this run.')
    expect(filled).not.toContain('old')
    expect(fillPage(filled, reportParts(result))).toBe(filled)
  })

  it('tells of scenarios that were measured anew, and of the others as they were', () => {
    const [a] = result.scenarios
    if (a === undefined) {
      throw new Error('the result has lost its scenario')
    }
    const part = { ...result, date: '2026-02-03T04:05:06.000Z', revision: 'def5678', command: 'again' }
    const both = withScenarios(
      { ...result, scenarios: [a, { ...a, id: 'c' }] },
      {
        ...part,
        scenarios: [
          { ...a, id: 'b' },
          { ...a, id: 'c', runs: [] },
        ],
      },
    )
    expect(both.scenarios.map(({ id, runs }) => [id, runs.length])).toEqual([
      ['a', 3],
      ['b', 3],
      ['c', 0],
    ])
    const parts = reportParts(both)
    expect(parts.get('machine')).toContain('2026-01-02, revision abc1234, `npm run bench`')
    expect(parts.get('scenario-a')).not.toContain('Measured by itself')
    expect(parts.get('scenario-b')).toContain('Measured by itself: 2026-02-03, revision def5678, `again`.')
  })

  it('that lacks a place is refused', () => {
    expect(() => fillPage(page, reportParts(result))).toThrow('<!-- bench:scenario-a -->')
  })
})

describe('tables', () => {
  it('have a column for each run and only rows with numbers', () => {
    expect(runsTable(result.scenarios[0]?.runs ?? [], ['latencyP99Ms'])).toEqual([
      ['', 'ours', 'other', 'absent'],
      ['CPU s/GB', '1.23', '4.00', ''],
      ['... / nginx-rtmp', '0.31', '1.00', ''],
      ['latency p50 ms', '5.0', '', ''],
    ])
  })

  it('compare runs that were measured in turn window by window, and show those of older results as they are', () => {
    const [ours] = result.scenarios[0]?.runs ?? []
    if (ours === undefined) {
      throw new Error('the result has lost its runs')
    }
    const inTurn = { ...ours, windows: [{ cpuPerGb: 1 }, { cpuPerGb: 3 }] }
    expect(resultsTable([inTurn, { ...inTurn, label: 'polled' }])[1]).toEqual([
      'CPU s/GB',
      '1.23',
      '1.00 – 3.00',
      '1.23',
      '1.00 – 3.00',
      '1.00',
      '',
      '',
      '',
    ])
    const older = [
      { ...ours, label: 'left alone (1)' },
      { ...ours, label: 'polled (1)' },
    ]
    expect(resultsTable(older)[0]).toEqual(['', 'left alone (1)', 'polled (1)'])
  })

  it('compare only runs with as many players', () => {
    const [ours, other] = result.scenarios[0]?.runs ?? []
    if (ours === undefined || other === undefined) {
      throw new Error('the result has lost its runs')
    }
    const table = runsTable(
      [ours, { ...ours, label: 'more', players: 90 }, other],
      ['latencyP99Ms', 'latencyP50Ms'],
    )
    expect(table[2]).toEqual(['... / nginx-rtmp', '0.31', '', '1.00'])
    expect(runsTable([ours, { ...other, players: 90 }], ['latencyP99Ms', 'latencyP50Ms'])).toHaveLength(2)
  })

  it('are set to the right where there are numbers', () => {
    const table = [
      ['', 'n', 's'],
      ['a', '1', '1'],
      ['bb', '10', 'x'],
    ]
    expect(textTable(table, '')).toBe(['     n  s', '--  --  -', 'a    1  1', 'bb  10  x'].join('\n'))
    expect(markdownTable(table)).toBe(
      ['|  | n | s |', '| --- | ---: | --- |', '| a | 1 | 1 |', '| bb | 10 | x |'].join('\n'),
    )
  })
})

describe('plots', () => {
  it('show the runs that have the numbers, and are left out if none has', () => {
    const plots = drawPlots(result)
    expect([...plots.keys()]).toEqual(['cpu.svg', 'latency.svg', 'cost-and-latency.svg'])
    expect(plots.get('cpu.svg')).toContain('>other<')
    expect(plots.get('cpu.svg')).not.toContain('>absent<')
    expect(plots.get('latency.svg')).toContain('>5.0 – 10.0<')
    expect(plots.get('latency.svg')).not.toContain('>other<')
  })
})
