import type { Token } from './tokens.ts'

/** One `import` or `export ... from` of a file. */
export type Import = Readonly<{
  /** The text between the quotes; null for a dynamic import of something computed. */
  specifier: string | null
  /**
   * Whether nothing of it is left at run time. `import { type A }` is not type-only: with `verbatimModuleSyntax` the
   * module is still loaded.
   */
  typeOnly: boolean
  /** Whether it is `import(...)`. */
  dynamic: boolean
  /** Line of its first word, from 1. */
  line: number
}>

/** Finds every import, re-export and dynamic import. `new URL(...)` and workers are not imports. */
export function findImports(tokens: readonly Token[]): Import[] {
  const code = tokens.filter((token) => token.kind !== 'comment')
  const found: Import[] = []
  for (const [index, token] of code.entries()) {
    if (token.kind !== 'word' || isMemberName(code, index)) {
      continue
    }
    if (token.text === 'import') {
      found.push(...importAt(code, index))
    } else if (token.text === 'export') {
      found.push(...reExportAt(code, index))
    }
  }
  return found
}

/** The text between the quotes of a string token, or null for any other token. */
export function stringValue(token: Token | undefined): string | null {
  if (token?.kind === 'string') {
    return token.text.slice(1, -1)
  }
  return token?.kind === 'template' && /^`.*`$/s.test(token.text) ? token.text.slice(1, -1) : null
}

function isMemberName(code: readonly Token[], index: number): boolean {
  const before = code[index - 1]?.text
  return before === '.' || before === '?.' || code[index + 1]?.text === ':'
}

function importAt(code: readonly Token[], index: number): Import[] {
  const line = code[index]?.line ?? 0
  const next = code[index + 1]
  if (next?.text === '(') {
    const specifier = stringValue(code[index + 2])
    const closed = [')', ','].includes(code[index + 3]?.text ?? '')
    const typeOnly = code[index - 1]?.text === 'typeof'
    return [{ specifier: closed ? specifier : null, typeOnly, dynamic: true, line }]
  }
  if (next === undefined || next.text === '.') {
    return []
  }
  if (next.kind === 'string') {
    return [{ specifier: stringValue(next), typeOnly: false, dynamic: false, line }]
  }
  return clause(code, index)
}

function reExportAt(code: readonly Token[], index: number): Import[] {
  const at = code[index + 1]?.text === 'type' ? index + 2 : index + 1
  const opener = code[at]?.text
  return opener === '*' || opener === '{' ? clause(code, index) : []
}

/** Reads on to `from 'x'`; finds nothing where a statement has none, as in `export { a }`. */
function clause(code: readonly Token[], index: number): Import[] {
  const line = code[index]?.line ?? 0
  // `import type from 'x'` imports a default named `type`.
  const typeOnly = code[index + 1]?.text === 'type' && code[index + 2]?.text !== 'from'
  let insideBraces = false
  for (let at = index + 1; at < code.length; at++) {
    const token = code[at]
    if (token?.text === 'from' && code[at + 1]?.kind === 'string') {
      return [{ specifier: stringValue(code[at + 1]), typeOnly, dynamic: false, line }]
    }
    if (insideBraces || token?.text === '{') {
      insideBraces = token?.text !== '}'
    } else if (token?.kind !== 'word' && token?.text !== ',' && token?.text !== '*') {
      return []
    } else if (token.startsLine && code[at - 1]?.text === '}') {
      return []
    }
  }
  return []
}
