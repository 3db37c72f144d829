/** A piece of a configuration file. `end` is the end of the text. */
export type Token = Readonly<{
  /** A word, or what ends a directive, begins a block or ends one. */
  kind: 'word' | ';' | '{' | '}' | 'end'
  /** The text of a word, without its quotes; empty for all others. */
  text: string
  /** Where it begins, in UTF-16 units from the start of the text. */
  start: number
  /** Where it ends, quotes included. */
  end: number
  /** Does it stand in quotes? */
  quoted: boolean
  /** Is it the first of its line? */
  beginsLine: boolean
}>

/** Characters that people get from web pages and input methods, and what they were meant to be. */
const LOOK_ALIKES: ReadonlyMap<string, ';' | '{' | '}' | ' ' | '"'> = new Map([
  ['；', ';'],
  ['｛', '{'],
  ['｝', '}'],
  ['\u00a0', ' '],
  ['\u3000', ' '],
  ['\u200b', ' '],
  ['\ufeff', ' '],
  ['“', '"'],
  ['”', '"'],
  ['‘', '"'],
  ['’', '"'],
])

const SPACE = /[ \t\r\n]+|#[^\r\n]*/y
const WORD = /[^ \t\r\n;{；｛｝\u00a0\u3000\u200b\ufeff]+/y
const REST_OF_LINE = /[^;\r\n]*/y

/**
 * Cuts a configuration file into tokens. Separators are blanks, tabs and line breaks. `#`, quotes and `}` have their meaning
 * only at the beginning of a token: `a#b` and `a}` are words. A word ends before a separator, `;` or `{`. In quotes there are no
 * escapes, and what follows the closing quote must be a separator, `;` or `{`.
 */
export class Tokenizer {
  readonly #text: string
  readonly #onFault: (offset: number, message: string) => void
  readonly #lookAlikesTold = new Set<string>()
  #offset = 0
  #beginsLine = true

  /** @param onFault told what is wrong, and at which offset; reading goes on behind it */
  constructor(text: string, onFault: (offset: number, message: string) => void) {
    this.#text = text
    this.#onFault = onFault
  }

  /** The next token; `end` for ever once there is none. */
  next(): Token {
    this.#skipSpace()
    const start = this.#offset
    const character = this.#text.charAt(start)
    const meant = this.#meaningOf(character)
    if (meant === ';' || meant === '{' || meant === '}') {
      this.#offset++
      return this.#token(meant, '', start)
    }
    if (character === '') {
      return this.#token('end', '', start)
    }
    if (character === '"' || character === "'") {
      return this.#readQuoted(start, character)
    }
    return this.#token('word', this.#match(WORD), start)
  }

  #skipSpace(): void {
    for (;;) {
      const space = this.#match(SPACE)
      if (space !== '') {
        this.#beginsLine ||= /[\r\n]/.test(space)
      } else if (this.#meaningOf(this.#text.charAt(this.#offset)) === ' ') {
        this.#offset++
      } else {
        return
      }
    }
  }

  /** What the character at the offset is meant to be; tells if it is not that. */
  #meaningOf(character: string): string {
    const meant = LOOK_ALIKES.get(character)
    if (meant === undefined) {
      return character
    }
    this.#tellLookAlike(this.#offset, character, meant)
    return meant
  }

  #readQuoted(start: number, quote: string): Token {
    const close = this.#text.indexOf(quote, start + 1)
    if (close < 0) {
      this.#onFault(
        start,
        `the quote ${quote} that is opened here is never closed: expected another ${quote}`,
      )
      return this.#readUnclosed(start)
    }
    const behind = this.#text.charAt(close + 1)
    const text = this.#text.slice(start + 1, close)
    if (/^[\s;{]?$/.test(behind) || LOOK_ALIKES.has(behind)) {
      this.#offset = close + 1
      return this.#token('word', text, start, true)
    }
    if (/[\r\n]/.test(text)) {
      this.#onFault(
        start,
        `the quote ${quote} that is opened here is not closed in its line: expected another ${quote}`,
      )
      return this.#readUnclosed(start)
    }
    this.#offset = close + 1
    const rest = this.#match(WORD)
    this.#onFault(
      close + 1,
      `'${shorten(rest)}' follows a closing quote: expected a blank, ';' or '{' behind the quoted word`,
    )
    return this.#token('word', text + rest, start, true)
  }

  /** Takes the rest of the line for what was to stand in the quotes. */
  #readUnclosed(start: number): Token {
    this.#offset = start + 1
    const text = this.#match(REST_OF_LINE)
    return this.#token('word', text, start, true)
  }

  #tellLookAlike(offset: number, character: string, meant: string): void {
    if (this.#lookAlikesTold.has(character)) {
      return
    }
    this.#lookAlikesTold.add(character)
    const code = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
    const expected = meant === ' ' ? 'a plain blank' : meant === '"' ? `" or '` : `'${meant}'`
    this.#onFault(
      offset,
      `the character ${code} only looks like ${expected}: expected ${expected}; put the word in quotes if you mean that character`,
    )
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#offset += found.length
    return found
  }

  #token(kind: Token['kind'], text: string, start: number, quoted = false): Token {
    const beginsLine = this.#beginsLine
    this.#beginsLine = false
    return { kind, text, start, end: this.#offset, quoted, beginsLine }
  }
}

/** A word as it may stand in a message. */
export function shorten(word: string): string {
  return word.length > 40 ? `${word.slice(0, 40)}...` : word
}
