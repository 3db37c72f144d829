import { describe, expect, it } from 'vitest'
import { type Column, formatTable } from './table.ts'

type Row = { name: string; size: number }

const columns: readonly Column<Row>[] = [
  { name: 'NAME', text: ({ name }) => name, shrinks: true },
  { name: 'SIZE', text: ({ size }) => `${size}`, align: 'right' },
]
const wide = { width: Number.POSITIVE_INFINITY, colors: false }

describe('a table', () => {
  it('has columns as wide as what stands in them, numbers to the right', () => {
    const rows = [
      { name: 'a', size: 1 },
      { name: 'longer', size: 12_345 },
    ]
    expect(formatTable(columns, rows, wide)).toEqual(['NAME     SIZE', 'a           1', 'longer  12345'])
  })

  it('fits the terminal: what may shrink is cut, down to eight letters', () => {
    const rows = [{ name: 'live/a-very-long-name-of-a-stream', size: 1 }]
    expect(formatTable(columns, rows, { width: 20, colors: false })).toEqual([
      'NAME            SIZE',
      'live/a-very-l…     1',
    ])
    expect(formatTable(columns, rows, { width: 3, colors: false })[1]).toBe('live/a-…     1')
  })

  it('leaves out columns that may be, the last one first, before names are cut short', () => {
    const many: readonly Column<Row>[] = [
      ...columns,
      { name: 'CODEC', text: () => 'H264', optional: true },
      { name: 'SENT', text: () => '1.0M', optional: true },
    ]
    const rows = [{ name: 'live/a-very-long-name-of-a-stream', size: 1 }]
    const at = (width: number): string[] => formatTable(many, rows, { width, colors: false })
    expect(at(35)).toEqual(['NAME              SIZE  CODEC  SENT', 'live/a-very-lon…     1  H264   1.0M'])
    expect(at(34)).toEqual(['NAME                   SIZE  CODEC', 'live/a-very-long-nam…     1  H264'])
    expect(at(20)).toEqual(['NAME            SIZE', 'live/a-very-l…     1'])
  })

  it('counts columns of the terminal, not characters', () => {
    const rows = [
      { name: '直播间', size: 1 },
      { name: 'abcdef', size: 2 },
    ]
    expect(formatTable(columns, rows, wide)).toEqual(['NAME    SIZE', '直播间     1', 'abcdef     2'])
  })

  it('leaves out what would steer the terminal', () => {
    const rows = [{ name: '\x1b[2Jred\x1b[0m\r\n\u0007', size: 1 }]
    expect(formatTable(columns, rows, wide)[1]).toBe('red      1')
  })

  it('has bold headings where that is wanted', () => {
    expect(formatTable(columns, [], { width: 80, colors: true })).toEqual(['\x1b[1mNAME  SIZE\x1b[22m'])
  })
})
