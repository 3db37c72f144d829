import { styleText } from 'node:util'
import { printable } from '../printable.ts'
import { cutToWidth, widthOf } from './text-width.ts'

/** A column of a table. */
export type Column<Row> = Readonly<{
  /** Its heading. */
  name: string
  /** What stands in it. */
  text: (row: Row) => string
  /** Numbers stand to the right. Default 'left'. */
  align?: 'left' | 'right'
  /** What is cut first where the terminal is too narrow. Default false. */
  shrinks?: boolean
  /** What is left out where the terminal is too narrow even so, the last one first. Default false. */
  optional?: boolean
}>

/** How a table is written. */
export type TableOptions = Readonly<{
  /** Columns of the terminal; Infinity where nothing is to be cut. */
  width: number
  /** Whether headings are bold. */
  colors: boolean
}>

const GAP = '  '

/** A column that shrinks keeps so many letters, if it has them, as long as others can be left out. */
const KEPT_WIDTH = 16

/** A column that shrinks keeps so many letters, if it has them, whatever the terminal is. */
const LEAST_WIDTH = 8

/** Rows as lines for people, under their headings. Control characters of what clients sent are left out. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, colors }: TableOptions,
): string[] {
  const filled = columns.map((column) => fill(column, rows))
  const shown = shrink(leaveOut(filled, width), width)
  const line = (cellOf: (column: Filled) => string): string =>
    shown
      .map((column) => padded(cellOf(column), column.width, column.align === 'right'))
      .join(GAP)
      .trimEnd()
  const heading = line(({ name }) => name)
  return [
    colors ? styleText('bold', heading, { validateStream: false }) : heading,
    ...rows.map((_, index) => line(({ cells }) => cells[index] ?? '')),
  ]
}

/** A column with what stands in it, and how wide it is. */
type Filled = Readonly<
  Pick<Column<never>, 'name' | 'align' | 'shrinks' | 'optional'> & { cells: readonly string[]; width: number }
>

function fill<Row>({ text, ...column }: Column<Row>, rows: readonly Row[]): Filled {
  const cells = rows.map((row) => printable(text(row)))
  const width = cells.reduce((most, cell) => Math.max(most, widthOf(cell)), column.name.length)
  return { ...column, cells, width }
}

/** Columns that have room once those that shrink have shrunk. */
function leaveOut(columns: readonly Filled[], width: number): readonly Filled[] {
  const saved = columns.reduce((sum, column) => sum + column.width - leastWidth(column, KEPT_WIDTH), 0)
  const last = columns.findLastIndex(({ optional }) => optional === true)
  return excessOf(columns, width) <= saved || last < 0 ? columns : leaveOut(columns.toSpliced(last, 1), width)
}

function shrink(columns: readonly Filled[], width: number): Filled[] {
  let excess = excessOf(columns, width)
  return columns.map((column) => {
    const cut = Math.min(Math.max(0, excess), column.width - leastWidth(column, LEAST_WIDTH))
    excess -= cut
    return { ...column, width: column.width - cut }
  })
}

/** How much wider than the terminal they are. */
function excessOf(columns: readonly Filled[], width: number): number {
  return columns.reduce((sum, column) => sum + column.width, GAP.length * (columns.length - 1)) - width
}

function leastWidth({ name, shrinks, width }: Filled, kept: number): number {
  return shrinks === true ? Math.min(width, Math.max(kept, name.length)) : width
}

function padded(text: string, width: number, toRight: boolean): string {
  const shown = cutToWidth(text, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)))
  return toRight ? `${space}${shown}` : `${shown}${space}`
}
