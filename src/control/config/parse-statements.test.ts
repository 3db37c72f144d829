import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFault } from './format-faults.ts'
import { type ParseOptions, parseStatements } from './parse-statements.ts'
import type { Statement } from './statement.ts'

/** A statement without its places, as `name`, arguments and block. */
type Shape = readonly [name: string, args: readonly string[], block: readonly Shape[] | null]

function shapeOf({ name, args, block }: Statement): Shape {
  return [name, args.map(({ text }) => text), block === null ? null : block.map(shapeOf)]
}

function parse(text: string): readonly Shape[] {
  const { statements, faults } = parseStatements(text, 'f')
  expect(faults).toEqual([])
  return statements.map(shapeOf)
}

function faultsOf(text: string, options: ParseOptions = {}): readonly string[] {
  return parseStatements(text, 'f', options).faults.map(formatFault)
}

describe('the grammar', () => {
  it.each<[string, string, readonly Shape[]]>([
    ['a directive', 'listen 1935;', [['listen', ['1935'], null]]],
    ['a directive without arguments', 'listen;', [['listen', [], null]]],
    ['several arguments', 'listen\t1935  19350 ;', [['listen', ['1935', '19350'], null]]],
    [
      'a directive over several lines',
      'listen\n  1935\r\n  # more\n  19350\n;',
      [['listen', ['1935', '19350'], null]],
    ],
    ['an empty block', 'hls{}', [['hls', [], []]]],
    [
      'a block with arguments',
      'vhost a.com { enabled on; }',
      [['vhost', ['a.com'], [['enabled', ['on'], null]]]],
    ],
    ['a brace in the next line', 'vhost a\n{\nhls\n{\n}\n}', [['vhost', ['a'], [['hls', [], []]]]]],
    [
      'tokens without blanks',
      'a{b c;d{}}e f;',
      [
        [
          'a',
          [],
          [
            ['b', ['c'], null],
            ['d', [], []],
          ],
        ],
        ['e', ['f'], null],
      ],
    ],
    ['comments', '# a;\nb c; # d { "\n#', [['b', ['c'], null]]],
    ['a # within a word', 'fontcolor=#cccccc a#b;', [['fontcolor=#cccccc', ['a#b'], null]]],
    ['quotes and a } within a word', `a b"c d}e 'f}';`, [['a', ['b"c', 'd}e', 'f}'], null]]],
    ['quoted words', `a "b c;{}#'" 'd"';`, [['a', [`b c;{}#'`, 'd"'], null]]],
    ['a quoted word over two lines', 'a "b\nc";', [['a', ['b\nc'], null]]],
    ['a backslash, which is nothing special', String.raw`a "b\" \n;`, [['a', ['b\\', '\\n'], null]]],
    ['quotes with nothing between them, which are no argument', `a "" b '';`, [['a', ['b'], null]]],
    ['a byte order mark', '\ufeffa b;', [['a', ['b'], null]]],
    [
      'line breaks of old Macs',
      'a b;#c\rd e;',
      [
        ['a', ['b'], null],
        ['d', ['e'], null],
      ],
    ],
    ['letters of any language', 'a 中文 "ü；“”";', [['a', ['中文', 'ü；“”'], null]]],
    ['nothing', '', []],
    ['only blanks and comments', ' \r\n# nothing', []],
  ])('takes %s', (_name, text, shapes) => {
    expect(parse(text)).toEqual(shapes)
  })

  it('says where each word stands', () => {
    const { statements } = parseStatements(
      '\ufeff# 中文\r\nvhost  "a b" {\n\tlisten 1935;\n}',
      'conf/srs.conf',
    )
    const [vhost] = statements
    expect(vhost?.place).toEqual({ file: 'conf/srs.conf', line: 2, column: 1 })
    expect(vhost?.args[0]?.place).toEqual({ file: 'conf/srs.conf', line: 2, column: 8 })
    expect(vhost?.block?.[0]?.place).toEqual({ file: 'conf/srs.conf', line: 3, column: 2 })
    expect(vhost?.block?.[0]?.args[0]?.place).toEqual({ file: 'conf/srs.conf', line: 3, column: 9 })
  })

  it('takes what stands behind a line without a semicolon for arguments, unless it is known to be a directive', () => {
    const text = 'forward a\n  b\n  "listen";\n'
    expect(faultsOf(text)).toEqual([])
    expect(faultsOf(text, { isDirective: (name) => name === 'listen' })).toEqual([])
    expect(faultsOf(text, { isDirective: (name) => name === 'b' })).toHaveLength(1)
  })

  it('goes on behind a fault with what was meant', () => {
    const text = 'vhost a { hls { enabled on} }\npid "a b;\nlisten 1935'
    expect(parseStatements(text, 'f').statements.map(shapeOf)).toEqual([
      ['vhost', ['a'], [['hls', [], [['enabled', ['on'], null]]]]],
      ['pid', ['a b'], null],
      ['listen', ['1935'], null],
    ])
  })
})

describe('the limits', () => {
  it('of faults end the reading', () => {
    const faults = faultsOf(';'.repeat(1000), { maxConfigFaults: 3 })
    expect(faults).toHaveLength(4)
    expect(faults[3]).toBe('more faults than maxConfigFaults (3): the rest is not told')
  })

  it('of statements end the reading', () => {
    const { statements, faults } = parseStatements('a { b; c; d; }', 'f', { maxStatements: 3 })
    expect(faults.map(formatFault)).toEqual(['f:1:11: more directives than maxStatements (3)'])
    expect(statements.map(shapeOf)).toEqual([
      [
        'a',
        [],
        [
          ['b', [], null],
          ['c', [], null],
        ],
      ],
    ])
  })

  it('of blocks end the reading', () => {
    const deep = (depth: number): string => 'a {'.repeat(depth) + '}'.repeat(depth)
    expect(faultsOf(deep(3), { maxBlockDepth: 3 })).toEqual([])
    expect(faultsOf(deep(4), { maxBlockDepth: 3 })).toEqual([
      'f:1:12: blocks are nested deeper than maxBlockDepth (3)',
    ])
    expect(faultsOf(deep(3), { maxBlockDepth: 3, outerBlocks: 1 })).toHaveLength(1)
  })
})

/** Words that need quotes, and such that need none. */
const word = fc
  .oneof(
    fc.stringMatching(/^[a-z_]{1,10}$/),
    fc.stringMatching(/^[^\s;{}"'#\p{Cc}]{1,12}$/u),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/\p{Cc}/u.test(text)),
  )
  .filter((text) => !(text.includes('"') && text.includes("'")) && !text.includes('\ufeff'))

const shapes: fc.Memo<Shape> = fc.memo((depth) => {
  const block = depth <= 1 ? fc.constant(null) : fc.option(fc.array(shapes(depth - 1), { maxLength: 3 }))
  return fc.tuple(word, fc.array(word, { maxLength: 3 }), block)
})

const separator = fc.constantFrom(' ', '\n', '\t', '\r\n', '  # a "comment\';{}\n', ' \n ')

/** Writes shapes with the separators that are given, in turn. */
function print(shapes: readonly Shape[], separators: readonly string[]): string {
  let next = 0
  const space = (): string => separators[next++ % separators.length] ?? ' '
  const quoted = (text: string): string =>
    /^[a-z_]+$/.test(text) ? text : text.includes('"') ? `'${text}'` : `"${text}"`
  const printShape = ([name, args, block]: Shape): string => {
    const words = [name, ...args].map(quoted).join(space())
    return block === null
      ? `${words};${space()}`
      : `${words}${space()}{${space()}${block.map(printShape).join('')}}`
  }
  return shapes.map(printShape).join('')
}

describe('whatever is parsed', () => {
  it('gives the statements that were printed, however they are spaced', () => {
    fc.assert(
      fc.property(
        fc.array(shapes(4), { maxLength: 4 }),
        fc.array(separator, { minLength: 1 }),
        (given, separators) => {
          expect(parse(print(given, separators))).toEqual(given)
        },
      ),
    )
  })

  it('never throws, and places every fault within the text', () => {
    const pieces = fc.constantFrom(
      'a',
      'listen',
      '{',
      '}',
      ';',
      '"',
      "'",
      '#',
      '\n',
      '\r',
      ' ',
      '；',
      '“',
      '\u00a0',
      'b}',
      '\0',
      '\\',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(fc.oneof({ weight: 50, arbitrary: pieces }, fc.string({ maxLength: 3 })), { maxLength: 200 })
        .map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, fc.boolean(), (input, known) => {
        const { faults } = parseStatements(input, 'f', { isDirective: (name) => known && name === 'listen' })
        const lines = input.replace(/^\ufeff/, '').split(/\r\n?|\n/)
        for (const { place } of faults) {
          expect(place === null || place.column <= (lines[place.line - 1] ?? '').length + 2).toBe(true)
        }
        expect(faults.length).toBeLessThanOrEqual(101)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['quotes that are never closed', `a "b;\n`.repeat(150_000)],
    ['blocks that are never closed', 'a { '.repeat(250_000)],
    ['braces too many', '}'.repeat(1_000_000)],
    ['blanks that are none', '\u00a0'.repeat(300_000)],
    ['blanks', ' '.repeat(1_000_000)],
    ['line breaks', '\n'.repeat(1_000_000)],
    ['one word', 'a'.repeat(1_000_000)],
    ['words without a semicolon', 'a '.repeat(500_000)],
    ['comments', '#\n'.repeat(500_000)],
    ['empty quotes', '"" '.repeat(330_000)],
  ])('ends for a megabyte of %s', (_name, text) => {
    expect(parseStatements(text, 'f').faults.length).toBeLessThanOrEqual(101)
  })
})
