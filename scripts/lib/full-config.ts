import {
  type Answer,
  type BlockRow,
  defaultValue,
  describeValue,
  isBlock,
  isPairs,
  type PairsRow,
  ROOT_ROWS,
  type Row,
  type Rows,
  type ValueRow,
  writeValue,
} from '../../src/control/index.ts'

/** What stands before the lines of a block within a block. */
const INDENT = '    '

/** Where a comment goes on in the next line. */
const COMMENT_COLUMNS = 110

/** What is written where a directive has no default that a file needs, or another than its own. */
const WRITTEN: Readonly<Record<string, string>> = { listen: 'listen 1935;' }

/** Words before the braces of blocks that have some. */
const NAMES: Readonly<Record<string, string>> = {
  listener: 'rtmp',
  vhost: '__defaultVhost__',
  transcode: 'live/demo',
  ingest: 'demo',
  engine: 'hd',
}

/** The file `conf/full.conf`: every directive at its default, with what it does. */
export function writeFullConfig(): string {
  return `${[HEAD, ...writeRows(ROOT_ROWS, '', 'works')].join('\n')}\n`
}

const HEAD = `# Every directive of a configuration file, each at its default. A file needs only those that differ; see minimal.conf.
# Lines that begin with '# NAME' are directives without a default. docs/reference/config.md says more.
# Written by 'npm run config-docs' from the rows in src/control/config/schema/rows.`

function writeRows(rows: Rows, indent: string, outer: Answer): readonly string[] {
  return Object.entries(rows).flatMap(([name, row]) => {
    const answer = row.answer ?? outer
    return [
      '',
      ...writeComment(`${row.says}${describeAnswer(row)}`, indent),
      ...writeRow(name, row, indent, answer),
    ]
  })
}

function writeRow(name: string, row: Row, indent: string, answer: Answer): readonly string[] {
  if (isBlock(row)) {
    return writeBlock(name, row, indent, answer)
  }
  return isPairs(row) ? writePairs(name, row, indent) : [`${indent}${writeValueLine(name, row, indent)}`]
}

function writeBlock(name: string, row: BlockRow, indent: string, answer: Answer): readonly string[] {
  const words = row.names === undefined ? '' : ` ${NAMES[name] ?? 'NAME'}`
  return [
    `${indent}${name}${words} {`,
    ...writeRows(row.rows, indent + INDENT, answer).slice(1),
    `${indent}}`,
  ]
}

function writePairs(name: string, _row: PairsRow, indent: string): readonly string[] {
  return [`${indent}${name} {`, `${indent}}`]
}

function writeValueLine(name: string, row: ValueRow, indent: string): string {
  const written = indent === '' ? WRITTEN[name] : undefined
  if (written !== undefined) {
    return written
  }
  const value = row.repeatable === true || row.inherits === true ? null : defaultOf(name, row)
  if (value === null) {
    return `# ${name} ...;  (${describeValue(row)})`
  }
  const words = writeValue(value, row).map(quote)
  return `${[name, ...(words.length === 0 ? [''] : words)].join(' ').trim()};`
}

/** The default; of a block that is on without a word about it, off. */
function defaultOf(name: string, row: ValueRow): unknown {
  return name === 'enabled' && row.since === 'here' ? false : defaultValue(row, ROOT_ROWS, name)
}

function describeAnswer({ answer = 'works' }: Row): string {
  if (answer === 'works') {
    return ''
  }
  return 'later' in answer
    ? ` No effect yet: it will come with ${answer.later}.`
    : ` No effect here: ${answer.notHere}.`
}

function writeComment(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let line = `${indent}#`
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > COMMENT_COLUMNS) {
      lines.push(line)
      line = `${indent}#`
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

function quote(word: string): string {
  return word === '' || /[\s;{]/.test(word) ? `"${word}"` : word
}
