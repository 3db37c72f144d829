/** A table: rows of cells, the first row its head. Cells that look like numbers are set to the right. */
export type Table = readonly (readonly string[])[]

/** The table for a terminal. */
export function textTable(table: Table, indent = '  '): string {
  const widths = columnWidths(table)
  const lines = table.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, isNumberColumn(table, column)))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines.map((line) => indent + line).join('\n')
}

/** The table in Markdown. */
export function markdownTable(table: Table): string {
  const [head = [], ...body] = table
  const rule = head.map((_cell, column) => (isNumberColumn(table, column) ? '---:' : '---'))
  return [head, rule, ...body].map((row) => `| ${row.map(escapeCell).join(' | ')} |`).join('\n')
}

function columnWidths(table: Table): number[] {
  const columns = Math.max(0, ...table.map((row) => row.length))
  return Array.from({ length: columns }, (_none, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  )
}

function isNumberColumn(table: Table, column: number): boolean {
  const cells = table.slice(1).map((row) => row[column] ?? '')
  return cells.some((cell) => cell !== '') && cells.every((cell) => /^(?:-?[\d.,]+|-?)$/.test(cell))
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width)
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|')
}
