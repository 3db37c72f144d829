/** One piece of TypeScript source. Whitespace is dropped; comments are kept, as doc checks need them. */
export type Token = Readonly<{
  /** `word`: identifier, keyword or `#private` name. `template`: one literal part of a template. */
  kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'comment' | 'punctuation'
  /** The source as written, with quotes and comment marks. */
  text: string
  /** Line of its first character, from 1. */
  line: number
  /** Whether it is the first token on its line. */
  startsLine: boolean
}>

/** After one of these words a `/` starts a regular expression, not a division. */
const WORDS_BEFORE_REGEX = new Set(
  'await case delete do else extends in instanceof new of return throw typeof void yield'.split(' '),
)
const CLOSERS = new Set([')', ']', '}'])
const LONG_PUNCTUATION = ['...', '?.', '=>', '${']

/** Each alternative is tried at the current offset; the order matters where beginnings are shared. */
const PIECES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['comment', /(?<!.)#![^\n]*|\/\/[^\n]*|\/\*.*?(?:\*\/|$)/sy],
  ['string', /'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|$)|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|$)/sy],
  ['number', /\d[\w.]*/y],
  ['word', /#?[\p{ID_Start}$_][\p{ID_Continue}$]*/uy],
]
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y
const TEMPLATE_PART = /(?:[^`\\$]|\\.|\$(?!\{))*/sy

/**
 * Splits TypeScript into tokens, well enough to find imports, exports and members without a compiler (TypeScript 7 has
 * no JavaScript API). Strings, templates, comments and regular expressions never leak into words. A string without its
 * end stops at the line's end, so that text between JSX tags cannot swallow a file.
 */
export function tokenize(source: string): Token[] {
  return new Tokenizer(source).run()
}

class Tokenizer {
  readonly #source: string
  readonly #tokens: Token[] = []
  /** One entry for each open brace; true where it is the `${` of a template. */
  readonly #braces: boolean[] = []
  #offset = 0
  #line = 1
  #lastTokenLine = 0

  constructor(source: string) {
    this.#source = source
  }

  run(): Token[] {
    while (this.#offset < this.#source.length) {
      this.#next()
    }
    return this.#tokens
  }

  #next(): void {
    const char = this.#source[this.#offset] ?? ''
    if (/\s/.test(char)) {
      this.#skip(char)
      return
    }
    for (const [kind, pattern] of PIECES) {
      const text = this.#match(pattern)
      if (text !== '') {
        this.#push(kind, text)
        return
      }
    }
    if (char === '/' && this.#regexMayStart()) {
      const text = this.#match(REGEX)
      if (text !== '') {
        this.#push('regex', text)
        return
      }
    }
    if (char === '`') {
      this.#template('`')
      return
    }
    this.#punctuation(char)
  }

  #punctuation(char: string): void {
    const text = LONG_PUNCTUATION.find((long) => this.#source.startsWith(long, this.#offset)) ?? char
    this.#push('punctuation', text)
    if (text.endsWith('{')) {
      this.#braces.push(false)
    } else if (text === '}' && this.#braces.pop() === true) {
      this.#template('')
    }
  }

  /** Reads a template's literal part up to its end or its next `${`. */
  #template(opener: string): void {
    const pattern = new RegExp(TEMPLATE_PART)
    pattern.lastIndex = this.#offset + opener.length
    const part = opener + (pattern.exec(this.#source)?.[0] ?? '')
    const end = this.#offset + part.length
    if (this.#source.startsWith('${', end)) {
      this.#push('template', part)
      this.#push('punctuation', '${')
      this.#braces.push(true)
    } else {
      this.#push('template', `${part}${this.#source[end] ?? ''}`)
    }
  }

  #regexMayStart(): boolean {
    const previous = this.#tokens.findLast((token) => token.kind !== 'comment')
    if (previous === undefined) {
      return true
    }
    if (previous.kind === 'word') {
      return WORDS_BEFORE_REGEX.has(previous.text)
    }
    return previous.kind === 'punctuation' && !CLOSERS.has(previous.text)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset
    return pattern.exec(this.#source)?.[0] ?? ''
  }

  #push(kind: Token['kind'], text: string): void {
    this.#tokens.push({ kind, text, line: this.#line, startsLine: this.#line !== this.#lastTokenLine })
    this.#skip(text)
    this.#lastTokenLine = this.#line
  }

  #skip(text: string): void {
    this.#offset += text.length
    this.#line += text.split('\n').length - 1
  }
}
