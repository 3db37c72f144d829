import {
  type Answer,
  type BlockRow,
  type Directive,
  defaultValue,
  describeValue,
  isBlock,
  isValue,
  listDirectives,
  OLD_FORMS,
  ROOT_ROWS,
  type Row,
  type Rows,
  writeValue,
} from '../../src/control/index.ts'

/** The page `docs/reference/config.md`, as the rows say it. */
export function writeConfigReference(): string {
  return `${[INTRODUCTION, writeAnswers(), writeOldForms(), ...writeBlocks(ROOT_ROWS, [], null)].join('\n\n')}\n`
}

const INTRODUCTION = `# Configuration reference

<!-- Written by \`npm run config-docs\` from the rows in src/control/config/schema/rows. Change those, not this page. -->

Every directive of a configuration file, in the words of SRS. \`srs -t -c FILE\` tests a file, \`srs config -c FILE\` prints what is in
force and where each value is from, and [conf/full.conf](../../conf/full.conf) is a file with every directive at its default.

- **A file**: \`name value;\` and \`name { ... }\`. \`#\` begins a comment, \`"\` and \`'\` quote, \`include FILE;\` reads another file.
- **Numbers** are in the unit that stands with the directive; \`ms\`, \`s\`, \`m\` and \`h\` may follow a time, \`k\`, \`m\` and \`g\` a size.
- **The environment** goes before the file: \`SRS_\` and the path in capitals, e.g. \`SRS_HTTP_SERVER_LISTEN\` for \`http_server.listen\`.
  What stands in a vhost is overridden in all of them, e.g. \`SRS_VHOST_PLAY_GOP_CACHE\`. Empty is not set. Blocks that may stand
  more than once have no variables.
- **The command line**: with \`-c\`, \`-e\`, SRS_CONFIG_FILE or \`SRS_ENV_ONLY=on\`, the options about listening (\`--listen\` and so on)
  are refused: the configuration says where to listen. Without them \`srs\` listens on 1935 and 8080, and reads no variables.
- **Without any vhost** in the file, all streams are of \`__defaultVhost__\` with the defaults below.
- **A program** reads a file by \`createServer(await readSettings('srs.conf'))\`; what a file can say, a program can, too.
- **Since** names the SRS that brought a directive: \`2014\` is 0.9.9, \`here\` means that SRS has none such.`

function writeAnswers(): string {
  const directives = listDirectives(ROOT_ROWS).filter(({ row }) => !isBlock(row))
  const count = (isIt: (answer: Answer) => boolean): number =>
    directives.filter(({ answer }) => isIt(answer)).length
  const works = count((answer) => answer === 'works')
  const later = count((answer) => typeof answer === 'object' && 'later' in answer)
  return `## Answers

Each of the ${directives.length} directives has one of three answers. A directive without effect is told once, when the server starts, unless it
says what holds anyway; none is ignored in silence, and an unknown one is a fault.

| answer | directives | meaning |
| --- | --- | --- |
| works | ${works} | it does what is said below |
| later | ${later} | it is read and checked now, and will have its effect with a later release |
| not here | ${directives.length - works - later} | it has no meaning for this server; the reason stands with it |`
}

function writeOldForms(): string {
  return `## Old forms

Files of any SRS since 2014 are read. These directives are taken for what they are called today:

| old | today |
| --- | --- |
${OLD_FORMS.map(([old, today]) => `| \`${old}\` | \`${today}\` |`).join('\n')}`
}

/** A section for each block, each before those within it. */
function writeBlocks(rows: Rows, blocks: readonly string[], block: BlockRow | null): readonly string[] {
  const path = blocks.join('.')
  const title = block === null ? 'Outside of all blocks' : `${path}${namesOf(block)}`
  const says = block === null ? '' : `\n\n${block.says}${describeBlockAnswer(block)}`
  // What a block says of all that is in it stands above its table.
  const directives = listDirectives(rows, blocks, 'works').filter(
    (each) => each.blocks.length === blocks.length && !isBlock(each.row),
  )
  const table = directives.length === 0 ? '' : `\n\n${writeTable(directives)}`
  const inner = Object.entries(rows).flatMap(([name, row]) =>
    isBlock(row) ? writeBlocks(row.rows, [...blocks, name], row) : [],
  )
  return [`## ${title}${says}${table}`, ...inner]
}

function writeTable(directives: readonly Directive[]): string {
  const lines = directives.map((directive) => {
    const { name, row, answer } = directive
    const cells = [
      `\`${name}\``,
      describeWords(row),
      describeDefault(directive),
      row.since,
      `${row.says}${describeAnswer(answer)}`,
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return [
    '| directive | value | default | since | what it does |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

function describeWords(row: Row): string {
  return isValue(row)
    ? `${describeValue(row)}${row.repeatable === true ? '; more than once' : ''}`
    : 'a block of options'
}

function describeDefault({ name, row }: Directive): string {
  if (!isValue(row) || row.repeatable === true) {
    return 'none'
  }
  if (row.inherits === true) {
    return 'that outside of all blocks'
  }
  const value = defaultValue(row, ROOT_ROWS, name)
  const words = value === null ? null : writeValue(value, row).join(' ')
  return words === null ? (row.unset ?? 'none') : words === '' ? 'empty' : `\`${words}\``
}

function describeAnswer(answer: Answer): string {
  if (answer === 'works') {
    return ''
  }
  return 'later' in answer ? ` **Later**, with ${answer.later}.` : ` **Not here**: ${answer.notHere}.`
}

function describeBlockAnswer({ answer }: BlockRow): string {
  return answer === undefined ? '' : describeAnswer(answer)
}

function namesOf({ names, repeatable }: BlockRow): string {
  const words = names === undefined ? '' : ` ${names.says}`
  return `${words}${repeatable === true ? ' (more than once)' : ''}`
}
