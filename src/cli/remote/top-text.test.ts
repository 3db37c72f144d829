import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { clientEntry, streamEntry } from './testing/entries.ts'
import { widthOf } from './text-width.ts'
import { FIRST_VIEW, formatTop, type TopSnapshot, type TopView, viewAfter } from './top-text.ts'

const snapshot: TopSnapshot = {
  name: 'unix:/run/srs.sock',
  self: { version: '0.1.0', pid: 42, cpu_percent: 0.125, mem_kbyte: 80_000, srs_uptime: 3723 },
  systemCpu: 0.5,
  eventLoop: 0.07,
  streams: [
    streamEntry({ url: '/live/a', kbps: { recv_30s: 900, send_30s: 10 }, clients: 9 }),
    streamEntry({ url: '/live/b', kbps: { recv_30s: 100, send_30s: 800 }, clients: 2 }),
    streamEntry({
      url: '/live/c',
      publish: { active: false },
      kbps: { recv_30s: 0, send_30s: 0 },
      clients: 1,
    }),
  ],
  clients: [
    clientEntry({ id: 'c7', url: '/live/c', lag_ms: 900 }),
    clientEntry({ id: 'c8', url: '/live/a' }),
  ],
}
const screen = { columns: 100, rows: 24, colors: false }

/** First words of the rows of the list. */
function listed(view: TopView, rows = 24): string[] {
  const lines = formatTop(snapshot, view, { ...screen, rows })
  const from = lines.findIndex((line) => /^(STREAM|ID)/.test(line))
  return lines.slice(from + 1).map((line) => line.split(' ', 1)[0] ?? '')
}

describe('the screen of srs top', () => {
  it('says how the server is, then lists streams', () => {
    const lines = formatTop(snapshot, FIRST_VIEW, screen)
    expect(lines.slice(0, 4)).toEqual([
      'srs 0.1.0  unix:/run/srs.sock  process 42, up 1h02m',
      'cpu 13% (machine 50%)  event loop 7%  memory 81.9M',
      '2 published, 10 players, lag up to 900 ms  in 1.0Mbit/s  out 810kbit/s',
      '',
    ])
    expect(lines[4]).toMatch(/^STREAM/)
    expect(lines.at(-1)).toBe('q quit  tab clients  s sort: out  arrows scroll')
  })

  it('leaves the event loop out where it is not known, and the keys where there is no terminal', () => {
    const lines = formatTop({ ...snapshot, eventLoop: null }, FIRST_VIEW, { ...screen, rows: 0 })
    expect(lines[1]).toBe('cpu 13% (machine 50%)  memory 81.9M')
    expect(lines.at(-1)).toMatch(/^live\/c/)
  })

  it.each([
    ['out', ['live/b', 'live/a', 'live/c']],
    ['in', ['live/a', 'live/b', 'live/c']],
    ['clients', ['live/a', 'live/b', 'live/c']],
    ['lag', ['live/c', 'live/a', 'live/b']],
    ['name', ['live/a', 'live/b', 'live/c']],
  ] as const)('sorts by %s', (order, streams) => {
    expect(listed({ ...FIRST_VIEW, order }).slice(0, 3)).toEqual(streams)
  })

  it('lists clients, those furthest behind first if that is asked', () => {
    expect(listed({ ...FIRST_VIEW, list: 'clients', order: 'lag' }).slice(0, 2)).toEqual(['c7', 'c8'])
  })

  it('has no line that is wider than the terminal, in colours or without', () => {
    const named = { ...snapshot, streams: [streamEntry({ url: '/live/直播间-東京スタジオ-直播间' })] }
    for (const columns of [20, 40, 80]) {
      for (const list of ['streams', 'clients'] as const) {
        const lines = formatTop(named, { ...FIRST_VIEW, list }, { columns, rows: 24, colors: true })
        const widths = lines.map((line) => widthOf(stripVTControlCharacters(line)))
        expect(Math.max(...widths)).toBeLessThanOrEqual(columns)
      }
    }
  })

  it('is not empty when what it was scrolled to has gone', () => {
    expect(listed({ ...FIRST_VIEW, offset: 50 }, 10).slice(0, 2)).toEqual(['live/a', 'live/c'])
  })

  it('never has more lines than the terminal, and says what is below', () => {
    const many = {
      ...snapshot,
      streams: Array.from({ length: 200 }, (_, i) => streamEntry({ url: `/live/${i}` })),
    }
    for (const rows of [10, 24, 60]) {
      const lines = formatTop(many, FIRST_VIEW, { ...screen, rows })
      expect(lines.length).toBeLessThanOrEqual(rows)
      expect(lines.some((line) => /^\d+ more$/.test(line))).toBe(true)
    }
  })
})

describe('a key', () => {
  const press = (...keys: string[]): TopView | null =>
    keys.reduce<TopView | null>(
      (view, key) => (view === null ? null : viewAfter(view, key, snapshot, { ...screen, rows: 10 })),
      FIRST_VIEW,
    )

  it.each([
    [['tab'], { ...FIRST_VIEW, list: 'clients' }],
    [['right', 'left'], FIRST_VIEW],
    [['s'], { ...FIRST_VIEW, order: 'in' }],
    [['s', 's', 's', 's', 's'], FIRST_VIEW],
    [['up'], FIRST_VIEW],
    [['down', 'down', 'down', 'down'], { ...FIRST_VIEW, offset: 1 }],
    [['pagedown', 'pageup'], FIRST_VIEW],
    [['down', 'tab'], { ...FIRST_VIEW, list: 'clients', offset: 0 }],
    [['x'], FIRST_VIEW],
    [['q'], null],
    [['escape'], null],
  ])('%j changes what is seen', (keys, view) => {
    expect(press(...keys)).toEqual(view)
  })
})
