import type { Token } from './tokens.ts'

/** A member of a class, an interface or a type literal that others can see. */
export type Member = Readonly<{
  /** Its name; `[Symbol.iterator]` as written, `()` for a call signature. */
  name: string
  /** Line of its first word, from 1. */
  line: number
  /** Whether a docblock with words stands before it. */
  documented: boolean
  /** Whether it has the word `override`, so that its parent's docblock speaks for it. */
  override: boolean
}>

const MODIFIERS = new Set(
  'public private protected static readonly abstract override async accessor declare get set'.split(' '),
)
const OPENERS = new Set(['(', '[', '{', '${'])
const CLOSERS = new Set([')', ']', '}'])
/** After one of these, or before one of the words, a new line goes on with the same member. */
const CONTINUING_MARKS = new Set('= | & , < ? : => ( [ { ${ . ?. + - * / % ! ~ ^'.split(' '))
const CONTINUING_WORDS = new Set('as extends in instanceof is satisfies'.split(' '))
/** What follows a name; a modifier before one of these is the name itself, as in `get: string`. */
const AFTER_NAME = new Set('( : ? ! = ; < }'.split(' '))

/** The offset of the bracket that closes the one at `open`; the last token if none does. */
export function closingIndex(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    depth += depthChange(tokens[at])
    if (depth === 0) {
      return at
    }
  }
  return tokens.length - 1
}

/** +1 for an opening bracket, -1 for a closing one, 0 for all else; `<` and `>` don't count. */
export function depthChange(token: Token | undefined): number {
  if (token?.kind !== 'punctuation') {
    return 0
  }
  return OPENERS.has(token.text) ? 1 : CLOSERS.has(token.text) ? -1 : 0
}

/** Whether the line that starts with this token goes on with what stands before it. */
export function continues(tokens: readonly Token[], index: number): boolean {
  const previous = previousCode(tokens, index)
  const token = tokens[index]
  const next = tokens[index + 1]?.text ?? ''
  return (
    (previous?.kind === 'punctuation' && CONTINUING_MARKS.has(previous.text)) ||
    (CONTINUING_WORDS.has(token?.text ?? '') && !AFTER_NAME.has(next))
  )
}

/** Whether a docblock with at least one word stands right before the token; `//` comments between are allowed. */
export function hasDocblock(tokens: readonly Token[], index: number): boolean {
  for (let at = index - 1; tokens[at]?.kind === 'comment'; at--) {
    const text = tokens[at]?.text ?? ''
    if (text.startsWith('/**')) {
      return /\p{L}/u.test(text)
    }
  }
  return false
}

/**
 * The members that others can see between the braces at `open` and `close`: nothing private or protected, no `static`
 * blocks, no constructor without parameters. Of overloads, and of a getter with its setter, the first stands for all.
 */
export function findMembers(tokens: readonly Token[], open: number, close: number): Member[] {
  const members = new Map<string, Member>()
  let depth = 0
  for (let at = open + 1; at < close; at++) {
    if (depth === 0 && startsMember(tokens, open, at)) {
      const member = memberAt(tokens, at)
      if (member !== null && !members.has(member.name)) {
        members.set(member.name, member)
      }
      at = nameIndex(tokens, at)
    }
    depth += depthChange(tokens[at])
  }
  return [...members.values()]
}

function startsMember(tokens: readonly Token[], open: number, index: number): boolean {
  const token = tokens[index]
  if (token === undefined || token.kind === 'comment') {
    return false
  }
  const previous = previousCode(tokens, index)
  const isFirst = previous === tokens[open] || previous?.text === ';'
  if (token.kind === 'punctuation' && !['[', '(', '*'].includes(token.text)) {
    return false
  }
  return (
    isFirst || (token.startsLine || tokens[index - 1]?.kind === 'comment' ? !continues(tokens, index) : false)
  )
}

function nameIndex(tokens: readonly Token[], start: number): number {
  let at = start
  while (MODIFIERS.has(tokens[at]?.text ?? '')) {
    const next = tokens[at + 1]
    if (next === undefined || AFTER_NAME.has(next.text) || next.startsLine) {
      return at
    }
    at++
  }
  return tokens[at]?.text === '*' ? at + 1 : at
}

function memberAt(tokens: readonly Token[], start: number): Member | null {
  const at = nameIndex(tokens, start)
  const modifiers = new Set(tokens.slice(start, at).map((token) => token.text))
  const token = tokens[at]
  const hidden =
    modifiers.has('private') || modifiers.has('protected') || token?.text.startsWith('#') === true
  if (token === undefined || hidden || token.text === '{') {
    return null
  }
  if (token.text === 'constructor' && tokens[at + 2]?.text === ')') {
    return null
  }
  const name = nameAt(tokens, at)
  if (name === null || isDiscriminant(tokens, at)) {
    return null
  }
  return {
    name: modifiers.has('static') ? `static ${name}` : name,
    line: token.line,
    documented: hasDocblock(tokens, start),
    override: modifiers.has('override'),
  }
}

/** The name as written; null for the key of a mapped type, whose type's docblock says it all. */
function nameAt(tokens: readonly Token[], at: number): string | null {
  const token = tokens[at]
  if (token?.text === '(') {
    return '()'
  }
  if (token?.text !== '[') {
    return token?.text ?? null
  }
  const key = tokens.slice(at, closingIndex(tokens, at) + 1)
  return key.some((part) => part.text === 'in') ? null : key.map((part) => part.text).join('')
}

/** `kind: 'audio'` and the like: the one value it may have says all. */
function isDiscriminant(tokens: readonly Token[], at: number): boolean {
  const [colon, value, end] = [tokens[at + 1], tokens[at + 2], tokens[at + 3]]
  const isLiteral =
    value?.kind === 'string' || value?.kind === 'number' || value?.text === 'true' || value?.text === 'false'
  const isAll = end === undefined || end.startsLine || end.text === ';' || end.text === '}'
  return colon?.text === ':' && isLiteral && isAll
}

function previousCode(tokens: readonly Token[], index: number): Token | undefined {
  let at = index - 1
  while (tokens[at]?.kind === 'comment') {
    at--
  }
  return tokens[at]
}
