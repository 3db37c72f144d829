import {
  type AnyBlock,
  type AnyNode,
  type AnyValued,
  describeOrigin,
  type Origin,
  type Pair,
} from './config.ts'
import { isBlock, isPairs } from './directives.ts'
import type { Answer, BlockRow, Row, Rows, ValueRow } from './row.ts'
import { ROOT_ROWS } from './rows/root.ts'
import type { Config } from './schema.ts'
import { hidingSecrets, showingSecrets, type WordsOf } from './shown-words.ts'

/** A value as JSON shows it. */
type JsonValue = Readonly<{ value: unknown; origin: string }>

/** How a configuration is shown. */
export type ShowOptions = Readonly<{
  /** As they are, so that what is written says the same when it is read again; else three asterisks stand for each. Default false. */
  showSecrets?: boolean
}>

/** What stands before the lines of a block within a block. */
const INDENT = '    '

/**
 * Writes a configuration as a file that says the same, but for secrets that are hidden; each value has its origin behind it. What works
 * here is written even where nobody said it; directives without effect only where somebody did.
 */
export function writeConfig(config: Config, options: ShowOptions = {}): string {
  return writeRows(ROOT_ROWS, config.values as AnyBlock['values'], '', 'works', wordsBy(options))
    .join('\n')
    .concat('\n')
}

/** The same for programs: blocks as objects, those that may stand more than once as lists, each value with its origin. */
export function configToJson(config: Config, options: ShowOptions = {}): unknown {
  return rowsToJson(ROOT_ROWS, config.values as AnyBlock['values'], 'works', wordsBy(options))
}

function wordsBy({ showSecrets = false }: ShowOptions): WordsOf {
  return showSecrets ? showingSecrets : hidingSecrets
}

function writeRows(
  rows: Rows,
  values: AnyBlock['values'],
  indent: string,
  outer: Answer,
  wordsOf: WordsOf,
): readonly string[] {
  return Object.entries(rows).flatMap(([name, row]) => {
    const node = values[name]
    return node === undefined || !isShown(row, node, outer)
      ? []
      : writeNode(name, row, node, indent, row.answer ?? outer, wordsOf)
  })
}

function writeNode(
  name: string,
  row: Row,
  node: AnyNode,
  indent: string,
  answer: Answer,
  wordsOf: WordsOf,
): readonly string[] {
  if (isPairs(row)) {
    const lines = (node as readonly Pair[]).map((pair) =>
      writeLine(pair.name, wordsOf.pair(pair, row), pair.origin, indent + INDENT),
    )
    return [`${indent}${name} {`, ...lines, `${indent}}`]
  }
  if (isBlock(row)) {
    const blocks = Array.isArray(node) ? (node as readonly AnyBlock[]) : [node as AnyBlock]
    return blocks.flatMap((block) => writeBlock(name, row, block, indent, answer, wordsOf))
  }
  const values = Array.isArray(node) ? (node as readonly AnyValued[]) : [node as AnyValued]
  return values.map((valued) =>
    valued.value === null
      ? `${indent}# ${name}  # ${describeOrigin(valued.origin)}: ${row.unset ?? 'none'}`
      : writeLine(name, wordsOf.value(valued, row), valued.origin, indent),
  )
}

function writeBlock(
  name: string,
  row: BlockRow,
  block: AnyBlock,
  indent: string,
  answer: Answer,
  wordsOf: WordsOf,
): readonly string[] {
  const head = [name, ...block.names].map(quote).join(' ')
  const lines = writeRows(row.rows, block.values, indent + INDENT, answer, wordsOf)
  return [`${indent}${head} {  # ${describeOrigin(block.origin)}`, ...lines, `${indent}}`]
}

function writeLine(name: string, words: readonly string[], origin: Origin, indent: string): string {
  return `${indent}${[name, ...words].map(quote).join(' ')};  # ${describeOrigin(origin)}`
}

/** A word as the grammar reads it: there are no escapes, but two kinds of quotes. */
function quote(word: string): string {
  const isPlain = word !== '' && !/[\s;{]/.test(word) && !/^[#"'}]/.test(word)
  return isPlain ? word : word.includes('"') ? `'${word}'` : `"${word}"`
}

/** What works is always shown; what does not only where somebody wrote it. */
function isShown(row: Row, node: AnyNode, outer: Answer): boolean {
  if (Array.isArray(node)) {
    return node.length > 0
  }
  return (row.answer ?? outer) === 'works' || isWritten(node)
}

/** Whether somebody wrote any of it. */
function isWritten(node: AnyNode): boolean {
  if (Array.isArray(node)) {
    return node.length > 0
  }
  const { origin } = node as AnyValued | AnyBlock
  return (
    origin.from !== 'default' ||
    ('values' in node && Object.values((node as AnyBlock).values).some((inner) => isWritten(inner)))
  )
}

function rowsToJson(
  rows: Rows,
  values: AnyBlock['values'],
  outer: Answer,
  wordsOf: WordsOf,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(rows).flatMap(([name, row]) => {
      const node = values[name]
      return node === undefined || !isShown(row, node, outer)
        ? []
        : [[name, nodeToJson(row, node, row.answer ?? outer, wordsOf)]]
    }),
  )
}

function nodeToJson(row: Row, node: AnyNode, answer: Answer, wordsOf: WordsOf): unknown {
  if (isPairs(row)) {
    return (node as readonly Pair[]).map((pair) => ({
      name: pair.name,
      words: wordsOf.pair(pair, row),
      origin: describeOrigin(pair.origin),
    }))
  }
  if (isBlock(row)) {
    const blockToJson = (block: AnyBlock): unknown => ({
      ...(block.names.length === 0 ? {} : { names: block.names }),
      ...rowsToJson(row.rows, block.values, answer, wordsOf),
    })
    return Array.isArray(node)
      ? (node as readonly AnyBlock[]).map(blockToJson)
      : blockToJson(node as AnyBlock)
  }
  return Array.isArray(node)
    ? (node as readonly AnyValued[]).map((each) => valueToJson(each, row, wordsOf))
    : valueToJson(node as AnyValued, row, wordsOf)
}

/** Values as in the file, in its units: what a reader of the JSON knows from there. */
function valueToJson(valued: AnyValued, row: ValueRow, wordsOf: WordsOf): JsonValue {
  const words = valued.value === null ? null : wordsOf.value(valued, row)
  const shown = words === null || words.length !== 1 ? words : words[0]
  return { value: shown, origin: describeOrigin(valued.origin) }
}
