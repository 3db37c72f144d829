import { formatPlace } from '../format-faults.ts'
import type { Argument, Place, Statement } from '../statement.ts'
import { shorten } from '../tokens.ts'
import {
  type AnyBlock,
  type AnyNode,
  type AnyValued,
  type Block,
  DEFAULT_ORIGIN,
  type Origin,
  type Pair,
} from './config.ts'
import { isBlock, isPairs } from './directives.ts'
import {
  blockPrefix,
  ENVIRONMENT_PREFIX,
  type Environment,
  environmentNames,
  readEnvironment,
} from './environment.ts'
import type { Findings } from './findings.ts'
import { describeValue, readValue } from './kinds.ts'
import type { BlockRow, PairsRow, Row, Rows, ValueRow } from './row.ts'
import { settingDefault } from './setting-defaults.ts'
import { explainUnknown } from './unknown.ts'

/** The block that is being read. */
type Surroundings = Readonly<{
  /** The names of the blocks, outermost first. */
  blocks: readonly string[]
  /** What the variables of its directives begin with; null if there are none. */
  prefix: string | null
}>

/**
 * Reads statements by the rows. Everything that is wrong is told, and what is wrong is as if it were not there.
 * @param rows what may stand in the file
 */
export function readStatements<R extends Rows>(
  rows: R,
  statements: readonly Statement[],
  environment: Environment,
  findings: Findings,
): Block<R> {
  const reader = new ConfigReader(rows, environment, findings)
  const values = reader.readBlock(rows, statements, { blocks: [], prefix: ENVIRONMENT_PREFIX })
  // What is read by a row is of the row's type: the kinds' table is checked for that.
  return { names: [], origin: DEFAULT_ORIGIN, values } as AnyBlock as Block<R>
}

/** The value that holds where a directive is not given; null if nothing says one. */
export function defaultValue(row: ValueRow, rootRows: Rows, name: string): unknown {
  if (row.inherits === true) {
    const root = rootRows[name]
    return root === undefined || isBlock(root) || isPairs(root) ? null : defaultValue(root, {}, name)
  }
  if (row.default !== undefined) {
    const reading = readValue(row.default === '' ? [] : row.default.split(' '), row)
    return reading.ok ? reading.value : null
  }
  return (row.to === undefined ? undefined : settingDefault(row.to)) ?? null
}

class ConfigReader {
  readonly #root: Rows
  readonly #environment: Environment
  readonly #findings: Findings
  /** Values and blocks that nobody wrote: the same in every vhost, of which there may be thousands. */
  readonly #defaults = new Map<ValueRow, AnyValued>()
  readonly #unwritten = new Map<BlockRow, AnyBlock>()
  /** Values outside of all blocks, for those that inherit them. */
  #rootValues: Readonly<Record<string, AnyNode>> = {}

  constructor(root: Rows, environment: Environment, findings: Findings) {
    this.#root = root
    this.#environment = environment
    this.#findings = findings
  }

  readBlock(
    rows: Rows,
    statements: readonly Statement[],
    around: Surroundings,
  ): Readonly<Record<string, AnyNode>> {
    const given = this.#sort(rows, statements, around)
    const values: Record<string, AnyNode> = {}
    if (around.blocks.length === 0) {
      this.#rootValues = values
    }
    for (const [name, row] of Object.entries(rows)) {
      values[name] = this.#readRow(name, row, given.get(name) ?? [], around)
    }
    return values
  }

  /** The statements by name; tells of unknown names, and of wrong shapes, which are left out. */
  #sort(
    rows: Rows,
    statements: readonly Statement[],
    { blocks }: Surroundings,
  ): ReadonlyMap<string, readonly Statement[]> {
    const given = new Map<string, Statement[]>()
    for (const statement of statements) {
      if (this.#findings.isFull) {
        break
      }
      const { name, place } = statement
      const row = Object.hasOwn(rows, name) ? rows[name] : undefined
      if (row === undefined) {
        this.#findings.fault(place, explainUnknown(name, blocks, rows, this.#root))
      } else if (this.#hasShape(statement, row)) {
        const before = given.get(name)
        if (before === undefined) {
          given.set(name, [statement])
        } else {
          before.push(statement)
        }
      }
    }
    return given
  }

  #hasShape({ name, place, args, block }: Statement, row: Row): boolean {
    const hasBraces = isBlock(row) || isPairs(row)
    if (hasBraces === (block !== null)) {
      return true
    }
    const words = args.map(({ text }) => ` ${shorten(text)}`).join('')
    const message = hasBraces
      ? `'${name}' is a block: expected '${name} { ... }', not '${name}${words};'`
      : `'${name}' has no block: expected '${name} VALUE;' with ${describeValue(row)}`
    this.#findings.fault(place, message)
    return false
  }

  #readRow(name: string, row: Row, given: readonly Statement[], around: Surroundings): AnyNode {
    if (row.kind === 'pairs') {
      return this.#readPairs(row, this.#first(given, true))
    }
    if (row.repeatable !== true) {
      const statement = this.#first(given, isBlock(row))
      return isBlock(row)
        ? this.#readOneBlock(name, row, statement, around)
        : this.#readOne(name, row, statement, around)
    }
    if (isBlock(row)) {
      return given.length === 0 && row.implied !== undefined
        ? [{ ...this.#readOneBlock(name, row, undefined, around), names: row.implied }]
        : given.map((statement) => this.#readOneBlock(name, row, statement, around))
    }
    return given.flatMap((statement) => {
      const value = this.#readWords(row, name, statement)
      return value === undefined ? [] : [value]
    })
  }

  /** The one that counts where only one may stand: as in SRS the first. */
  #first(given: readonly Statement[], isBlock: boolean): Statement | undefined {
    const [first, ...others] = given
    for (const { name, place } of others) {
      const at = first === undefined ? '' : formatPlace(first.place)
      if (isBlock) {
        this.#findings.fault(
          place,
          `'${name}' is given again: expected one such block, and there is one at ${at}`,
        )
      } else {
        this.#findings.notice(place, `'${name}' is given again: the one at ${at} counts`)
      }
    }
    return first
  }

  #readOne(
    name: string,
    row: ValueRow,
    statement: Statement | undefined,
    { prefix }: Surroundings,
  ): AnyValued {
    // Both are read, so that what is wrong with either is told.
    const written = statement === undefined ? undefined : this.#readWords(row, name, statement)
    return this.#readVariable(row, environmentNames(prefix, name, row)) ?? written ?? this.#default(row, name)
  }

  #default(row: ValueRow, name: string): AnyValued {
    const known = this.#defaults.get(row)
    if (known !== undefined) {
      return known
    }
    const inherited = row.inherits === true ? this.#rootValues[name] : undefined
    const value =
      inherited !== undefined && 'value' in inherited ? inherited.value : defaultValue(row, this.#root, name)
    const valued = { value, origin: DEFAULT_ORIGIN }
    this.#defaults.set(row, valued)
    return valued
  }

  #readWords(row: ValueRow, name: string, { args, place }: Statement): AnyValued | undefined {
    const words = args.map(({ text }) => text)
    const reading = readValue(words, row)
    if (reading.ok) {
      return { value: reading.value, origin: { from: 'file', place } }
    }
    const word = args[reading.at]
    this.#findings.fault(word?.place ?? place, explainValue(name, reading, word?.text))
    return undefined
  }

  #readVariable(row: ValueRow, names: readonly string[]): AnyValued | undefined {
    const variable = readEnvironment(this.#environment, names)
    if (variable === null) {
      return undefined
    }
    const { name, text } = variable
    const isSingle = row.kind === 'text' || row.kind === 'path'
    const words = isSingle ? [text] : text.split(/\s+/)
    const reading = readValue(words, row)
    if (reading.ok) {
      return { value: reading.value, origin: { from: 'environment', name } }
    }
    this.#findings.fault(null, `environment ${explainValue(name, reading, words[reading.at])}`)
    return undefined
  }

  #readOneBlock(
    name: string,
    row: BlockRow,
    statement: Statement | undefined,
    around: Surroundings,
  ): AnyBlock {
    const prefix = blockPrefix(around.prefix, name, row.repeatable === true)
    const blocks = [...around.blocks, name]
    if (statement !== undefined) {
      const origin: Origin = { from: 'file', place: statement.place }
      const values = this.readBlock(row.rows, statement.block ?? [], { blocks, prefix })
      return { names: this.#readNames(statement, row), origin, values }
    }
    const known = this.#unwritten.get(row)
    if (known !== undefined) {
      return known
    }
    const block = {
      names: [],
      origin: DEFAULT_ORIGIN,
      values: this.readBlock(row.rows, [], { blocks, prefix }),
    }
    this.#unwritten.set(row, block)
    return block
  }

  #readNames({ name, place, args }: Statement, row: BlockRow): readonly string[] {
    const { min = 0, max = 0, says = '' } = row.names ?? {}
    const expected = `expected '${name}${says === '' ? '' : ` ${says}`} { ... }'`
    const extra = args[max]
    if (extra !== undefined) {
      this.#findings.fault(extra.place, `unexpected '${shorten(extra.text)}' before the block: ${expected}`)
    } else if (args.length < min) {
      this.#findings.fault(place, `'${name}' has no name: ${expected}`)
    }
    return args.slice(0, max).map(({ text }) => text)
  }

  #readPairs(_row: PairsRow, statement: Statement | undefined): readonly Pair[] {
    return (statement?.block ?? []).flatMap(({ name, place, args, block }): readonly Pair[] => {
      if (block !== null) {
        this.#findings.fault(place, `'${shorten(name)}' has no block: expected '${shorten(name)} VALUE;'`)
        return []
      }
      return [{ name, words: args.map(wordOf), origin: { from: 'file', place } }]
    })
  }
}

function wordOf({ text }: Argument): string {
  return text
}

function explainValue(
  name: string,
  { expected, hint }: Readonly<{ expected: string; hint?: string }>,
  word: string | undefined,
): string {
  const instead = word === undefined ? 'there is none' : `not '${shorten(word)}'`
  return `${name}: expected ${expected}; ${instead}${hint === undefined ? '' : ` (${hint})`}`
}

/** The place of a block or value that is written in a file; null for others. */
export function placeOf({ origin }: Readonly<{ origin: Origin }>): Place | null {
  return origin.from === 'file' ? origin.place : null
}
