import { stringValue } from './imports.ts'
import { closingIndex, continues, depthChange, findMembers, hasDocblock, type Member } from './members.ts'
import { type Token, tokenize } from './tokens.ts'

/** Something declared at the top of a module. */
export type Declaration = Readonly<{
  /** Its name; `default` where it has none. */
  name: string
  /** The word that declares it. */
  kind: 'class' | 'function' | 'interface' | 'type' | 'const' | 'default'
  /** Whether `export` stands before it. */
  exported: boolean
  /** Line of its first word, from 1. */
  line: number
  /** Whether a docblock with words stands before it. */
  documented: boolean
  /** What others can see of a class, an interface, or the literals of a type. */
  members: readonly Member[]
  /** The interfaces a class says it implements. */
  implemented: readonly string[]
}>

/** One name that passes through a module: `import { source as name }`, `export { source as name } from`. */
export type Binding = Readonly<{
  /** The name here. */
  name: string
  /** The name there. */
  source: string
  /** Where it comes from; null for `export { a }` of something in the same module. */
  specifier: string | null
  /** Line, from 1. */
  line: number
}>

/** What a module declares and passes on. */
export type ModuleOutline = Readonly<{
  /** Everything declared at the top, exported or not. */
  declarations: readonly Declaration[]
  /** `export { a, b as c }`, with or without `from`. */
  exports: readonly Binding[]
  /** `import { a, b as c } from`, `import a from`. */
  imports: readonly Binding[]
  /** Specifiers of `export * from` and `export * as name from`. */
  stars: readonly string[]
}>

const BEFORE_KEYWORD = new Set(['export', 'default', 'declare', 'abstract', 'async'])
const KEYWORDS = new Map<string, Declaration['kind']>([
  ['class', 'class'],
  ['function', 'function'],
  ['interface', 'interface'],
  ['type', 'type'],
  ['const', 'const'],
  ['let', 'const'],
  ['var', 'const'],
])

/** Reads what a module declares, exports and imports, from its tokens alone. */
export function outline(source: string): ModuleOutline {
  const tokens = tokenize(source)
  const declarations: Declaration[] = []
  const exports: Binding[] = []
  const imports: Binding[] = []
  const stars: string[] = []
  let depth = 0
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (depth === 0 && token?.kind === 'word' && startsStatement(tokens, at)) {
      if (token.text === 'import') {
        imports.push(...bindings(tokens, at))
      } else if (token.text === 'export' && isList(tokens, at)) {
        exports.push(...bindings(tokens, at))
        stars.push(...starAt(tokens, at))
      } else {
        declarations.push(...declarationAt(tokens, at))
      }
    }
    depth += depthChange(token)
  }
  return { declarations: withoutOverloads(declarations), exports, imports, stars }
}

function startsStatement(tokens: readonly Token[], index: number): boolean {
  const previous = tokens[index - 1]
  const onItsOwn = tokens[index]?.startsLine === true || previous === undefined || previous.kind === 'comment'
  return previous?.text === ';' || (onItsOwn && !continues(tokens, index))
}

/** `export {`, `export type {`, `export *`. */
function isList(tokens: readonly Token[], index: number): boolean {
  const at = tokens[index + 1]?.text === 'type' ? index + 2 : index + 1
  return ['{', '*'].includes(tokens[at]?.text ?? '')
}

function starAt(tokens: readonly Token[], index: number): string[] {
  const statement = tokens.slice(index, index + 7)
  const from = statement.findIndex((token) => token.text === 'from')
  const specifier = stringValue(statement[from + 1])
  return statement.slice(0, 3).some((token) => token.text === '*') && specifier !== null ? [specifier] : []
}

/** Reads `{ a, type b as c }`, and the default import before it, up to `from 'x'`. */
function bindings(tokens: readonly Token[], index: number): Binding[] {
  const open = tokens.findIndex((token, at) => at > index && (token.text === '{' || token.kind === 'string'))
  const hasList = tokens[open]?.text === '{'
  const close = hasList ? closingIndex(tokens, open) : open - 2
  const from = tokens[close + 1]?.text === 'from' ? stringValue(tokens[close + 2]) : null
  const found: Binding[] = []
  const first = tokens[index + 1]?.text === 'type' ? tokens[index + 2] : tokens[index + 1]
  if (tokens[index]?.text === 'import' && first?.kind === 'word') {
    found.push({ name: first.text, source: 'default', specifier: from, line: first.line })
  }
  const list = hasList ? tokens.slice(open + 1, close).filter((token) => token.kind !== 'comment') : []
  for (const part of splitAt(list, ',')) {
    const words = part[0]?.text === 'type' && part[1] !== undefined ? part.slice(1) : part
    const [source, name] = [words[0], words.at(-1)]
    if (source !== undefined && name !== undefined) {
      found.push({ name: name.text, source: source.text, specifier: from, line: name.line })
    }
  }
  return found
}

function splitAt(tokens: readonly Token[], separator: string): Token[][] {
  const parts: Token[][] = [[]]
  for (const token of tokens) {
    if (token.text === separator) {
      parts.push([])
    } else {
      parts.at(-1)?.push(token)
    }
  }
  return parts
}

function declarationAt(tokens: readonly Token[], start: number): Declaration[] {
  let at = start
  while (BEFORE_KEYWORD.has(tokens[at]?.text ?? '')) {
    at++
  }
  const before = tokens.slice(start, at).map((token) => token.text)
  const keyword = KEYWORDS.get(tokens[at]?.text ?? '')
  const nameAt = tokens[at + 1]?.text === '*' ? at + 2 : at + 1
  const isDefault = before.includes('default')
  if (keyword === undefined && !isDefault) {
    return []
  }
  const kind = keyword ?? 'default'
  const bodies = literalBodies(tokens, kind, nameAt)
  const body = bodies[0]?.[0] ?? nameAt
  return [
    {
      name: isDefault ? 'default' : (tokens[nameAt]?.text ?? ''),
      kind,
      exported: before.includes('export'),
      line: tokens[start]?.line ?? 1,
      documented: hasDocblock(tokens, start),
      members: bodies.flatMap(([open, close]) => findMembers(tokens, open, close)),
      implemented: kind === 'class' ? implementedNames(tokens.slice(nameAt, body)) : [],
    },
  ]
}

/**
 * The braces whose members count. Those of a type literal on one line don't: the type's own docblock describes it. Nor
 * do those inside parentheses (parameters) or inside other braces.
 */
function literalBodies(
  tokens: readonly Token[],
  kind: Declaration['kind'],
  from: number,
): [number, number][] {
  if (kind !== 'class' && kind !== 'interface' && kind !== 'type') {
    return []
  }
  const bodies: [number, number][] = []
  let angles = 0
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at]
    angles += token?.text === '<' ? 1 : token?.text === '>' ? -1 : 0
    if (token?.text === ';' || (at > from && token?.kind === 'word' && startsStatement(tokens, at))) {
      break
    }
    if (depthChange(token) <= 0) {
      continue
    }
    const close = closingIndex(tokens, at)
    const isBody = token?.text === '{' && (kind === 'type' || angles === 0)
    if (isBody && (kind === 'class' || tokens[close]?.line !== token?.line)) {
      bodies.push([at, close])
    }
    if (isBody && kind !== 'type') {
      break
    }
    at = close
  }
  return bodies
}

/** The names after `implements`, without what stands in `<>`. */
function implementedNames(header: readonly Token[]): string[] {
  const from = header.findIndex((token) => token.text === 'implements')
  let angles = 0
  return (from === -1 ? [] : header.slice(from + 1)).flatMap((token) => {
    angles += token.text === '<' ? 1 : token.text === '>' ? -1 : 0
    return token.kind === 'word' && angles === 0 ? [token.text] : []
  })
}

/** Of a function's overloads the first stands for all. */
function withoutOverloads(declarations: readonly Declaration[]): Declaration[] {
  return declarations.filter((declaration, index) => {
    const previous = declarations[index - 1]
    return (
      declaration.kind !== 'function' || previous?.kind !== 'function' || previous.name !== declaration.name
    )
  })
}
