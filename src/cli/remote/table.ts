import { styleText } from 'node:util'
import { printable } from '../printable.ts'

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
}>

/** How a table is written. */
export type TableOptions = Readonly<{
  /** Columns of the terminal; Infinity where nothing is to be cut. */
  width: number
  /** Whether headings are bold. */
  colors: boolean
}>

const GAP = '  '

/** A column that shrinks keeps so many letters, if it has them. */
const LEAST_WIDTH = 8

/** Rows as lines for people, under their headings. Control characters of what clients sent are left out. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, colors }: TableOptions,
): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => printable(text(row))))
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...cells.map((line) => line[index]?.length ?? 0)),
  )
  shrink(widths, columns, width)
  const format = (line: readonly string[]): string =>
    columns
      .map(({ align }, index) => padded(line[index] ?? '', widths[index] ?? 0, align === 'right'))
      .join(GAP)
      .trimEnd()
  const heading = format(columns.map(({ name }) => name))
  return [colors ? styleText('bold', heading, { validateStream: false }) : heading, ...cells.map(format)]
}

function shrink<Row>(widths: number[], columns: readonly Column<Row>[], width: number): void {
  const gaps = GAP.length * (columns.length - 1)
  let excess = widths.reduce((sum, each) => sum + each, gaps) - width
  for (const [index, { shrinks, name }] of columns.entries()) {
    if (shrinks === true && excess > 0) {
      const present = widths[index] ?? 0
      const least = Math.min(present, Math.max(LEAST_WIDTH, name.length))
      const cut = Math.min(excess, present - least)
      widths[index] = present - cut
      excess -= cut
    }
  }
}

function padded(text: string, width: number, toRight: boolean): string {
  const shown = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text
  return toRight ? shown.padStart(width) : shown.padEnd(width)
}
