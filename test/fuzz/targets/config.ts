import { isDeepStrictEqual } from 'node:util'
import { formatFaults, parseStatements, type Statement } from '../../../src/control/index.ts'
import { Finding, type Target } from '../lib/target.ts'

/** The text of a configuration file. */
export const configTarget: Target = {
  name: 'config',
  generate: (random) => Buffer.from(random.list(1 + random.small(40), () => random.pick(PIECES)).join('')),
  check(input): string {
    const text = new TextDecoder().decode(input)
    const { statements, faults } = parseStatements(text, 'f', { isDirective: (name) => name === 'listen' })
    if (faults.length > 0) {
      formatFaults(faults, new Map([['f', text]]))
      const kinds = faults.map(({ message }) => message.replace(/'[^']*'|U\+\w+|0x\w+|\d+/g, '#'))
      return [...new Set(kinds)].join(', ')
    }
    const printed = print(statements)
    if (printed !== null) {
      const again = parseStatements(printed, 'f')
      if (again.faults.length > 0 || !isDeepStrictEqual(shapes(again.statements), shapes(statements))) {
        throw new Finding(`printed and parsed again, it is something else: ${JSON.stringify(printed)}`)
      }
    }
    return `${statements.length} statements, ${printed === null ? 'not ' : ''}printed`
  },
}

const PIECES = [
  ...['listen', 'vhost', 'a.com', 'enabled on;', 'hls {', 'listen 1935;', '"a b"', "'c;d'", '""', '#cccccc'],
  ...[' ', ' ', ' ', '\n', '\r\n', '\t', ';', ';', '{', '}', '}', '"', "'", '# comment\n', '\\"'],
  ...['；', '｛', '“', '\u00a0', '\ufeff', '\0', '\u001b', '中文'],
] as const

/** Writes every word in quotes; null if one has both kinds of quotes in it. */
function print(statements: readonly Statement[]): string | null {
  const parts = statements.map(({ name, args, block }): string | null => {
    const words = [name, ...args.map(({ text }) => text)]
    const inner = block === null ? ';' : print(block)
    if (inner === null || words.some((word) => word.includes('"') && word.includes("'"))) {
      return null
    }
    const line = words.map((word) => (word.includes('"') ? `'${word}'` : `"${word}"`)).join(' ')
    return block === null ? `${line};` : `${line} {\n${inner}}`
  })
  return parts.includes(null) ? null : parts.join('\n')
}

/** Statements without their places. */
function shapes(statements: readonly Statement[]): unknown {
  return statements.map(({ name, args, block }) => [
    name,
    args.map(({ text }) => text),
    block === null ? null : shapes(block),
  ])
}
