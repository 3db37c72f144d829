import type { Answer, BlockRow, PairsRow, Row, Rows, ValueRow } from './row.ts'

/** A directive with the blocks it stands in. */
export type Directive = Readonly<{
  /** The blocks round it, outermost first, e.g. `['vhost', 'hls']`; none for the file itself. */
  blocks: readonly string[]
  /** Its name. */
  name: string
  /** What is known of it. */
  row: Row
  /** Its answer: its own, or that of the blocks round it. */
  answer: Answer
}>

/** All directives in the order of the rows, each block before what stands in it. */
export function listDirectives(
  rows: Rows,
  blocks: readonly string[] = [],
  outer: Answer = 'works',
): readonly Directive[] {
  return Object.entries(rows).flatMap(([name, row]): readonly Directive[] => {
    const answer = row.answer ?? outer
    const directive: Directive = { blocks, name, row, answer }
    return isBlock(row) ? [directive, ...listDirectives(row.rows, [...blocks, name], answer)] : [directive]
  })
}

/** Whether a row is a block of directives. */
export function isBlock(row: Row): row is BlockRow {
  return row.kind === 'block'
}

/** Whether a row is a block with free names. */
export function isPairs(row: Row): row is PairsRow {
  return row.kind === 'pairs'
}

/** Whether a row has words, and no block. */
export function isValue(row: Row): row is ValueRow {
  return row.kind !== 'block' && row.kind !== 'pairs'
}

/** `vhost.hls.enabled` */
export function pathOf({ blocks, name }: Pick<Directive, 'blocks' | 'name'>): string {
  return [...blocks, name].join('.')
}
