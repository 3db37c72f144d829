import { FaultList } from './fault-list.ts'
import { type ConfigLimits, DEFAULT_CONFIG_LIMITS } from './limits.ts'
import { LineMap } from './line-map.ts'
import type { Argument, ConfigFault, Place, Statement } from './statement.ts'
import { shorten, type Token, Tokenizer } from './tokens.ts'

/** How a file is parsed. */
export type ParseOptions = Partial<ConfigLimits> &
  Readonly<{
    /**
     * Is this the name of a directive? If it is, an unquoted word of that name at the beginning of a line means that the line
     * before it lacks its `;`. Default: no word is, and a directive goes on over line breaks until its `;`.
     */
    isDirective?: (name: string) => boolean
    /** Blocks around the file: it is included there. Default 0. */
    outerBlocks?: number
  }>

/** What a text says, and what is wrong with it. */
export type ParsedStatements = Readonly<{
  /** What could be read. Not to be used where there are faults, but to find more of them. */
  statements: readonly Statement[]
  /** In the order of their places. */
  faults: readonly ConfigFault[]
}>

type OpenBlock = {
  readonly words: readonly Token[]
  readonly statements: Statement[]
}

/**
 * Parses the text of a configuration file: `name argument ... ;` and `name argument ... { ... }`, as SRS and nginx write it.
 * Pure and synchronous; never throws. Goes on after a fault, so that all faults of a file are told at once.
 * @param file goes into every place
 */
export function parseStatements(text: string, file: string, options: ParseOptions = {}): ParsedStatements {
  return new StatementParser(text, file, options).parse()
}

class StatementParser {
  readonly #text: string
  readonly #lines: LineMap
  readonly #tokenizer: Tokenizer
  readonly #faults: FaultList
  readonly #options: ParseOptions
  readonly #limits: ConfigLimits
  readonly #root: OpenBlock = { words: [], statements: [] }
  readonly #open: OpenBlock[] = [this.#root]
  /** Words of the directive that is being read. */
  #words: Token[] = []
  #previous: Token['kind'] = ';'
  #count = 0
  #stopped = false
  /** The first block whose end stands further left than its beginning: the likely place of a brace too few. */
  #crooked: string | null = null

  constructor(text: string, file: string, options: ParseOptions) {
    this.#text = text.replace(/^\ufeff/, '')
    this.#lines = new LineMap(this.#text, file)
    this.#options = options
    this.#limits = { ...DEFAULT_CONFIG_LIMITS, ...options }
    this.#faults = new FaultList(this.#limits.maxConfigFaults)
    this.#tokenizer = new Tokenizer(this.#text, (offset, message) => this.#fault(offset, message))
  }

  parse(): ParsedStatements {
    const control = this.#text.search(/(?![\t\r\n])\p{Cc}/u)
    if (control >= 0) {
      const code = this.#text.charCodeAt(control).toString(16).padStart(2, '0')
      this.#fault(
        control,
        `the control character 0x${code} stands in no text: expected a text file, this is something else`,
      )
      return { statements: [], faults: this.#faults.faults }
    }
    while (this.#previous !== 'end' && !this.#faults.isFull) {
      const token = this.#tokenizer.next()
      this.#take(token)
      this.#previous = this.#stopped ? 'end' : token.kind
    }
    return { statements: this.#root.statements, faults: this.#faults.faults.toSorted(byPlace) }
  }

  #take(token: Token): void {
    switch (token.kind) {
      case 'word':
        this.#takeWord(token)
        break
      case ';':
        this.#takeSemicolon(token)
        break
      case '{':
        this.#openBlock(token)
        break
      case '}':
        this.#finishUnended(`a '}'`)
        this.#closeBlock(token)
        break
      case 'end':
        this.#finishUnended('the end of the file')
        this.#tellOpenBlocks()
        break
    }
  }

  #takeWord(token: Token): void {
    if (
      token.beginsLine &&
      !token.quoted &&
      this.#words.length > 0 &&
      this.#options.isDirective?.(token.text) === true
    ) {
      this.#finishUnended(`the directive '${shorten(token.text)}'`)
    }
    // As in SRS, quotes with nothing between them are no argument.
    if (token.text !== '') {
      this.#words.push(token)
    }
  }

  #takeSemicolon(token: Token): void {
    if (this.#words.length > 0) {
      this.#finish(null)
    } else {
      const reason = this.#previous === '}' ? `a block ends with '}' alone` : 'expected a directive before it'
      this.#fault(token.start, `unexpected ';': ${reason}`)
    }
  }

  /** Ends a directive that something else than `;` or `{` follows. */
  #finishUnended(next: string): void {
    const last = this.#words.at(-1)
    if (last === undefined) {
      return
    }
    const name = shorten(this.#words[0]?.text ?? '')
    const sticks = last.text.length > 1 && last.text.endsWith('}') && !last.quoted && this.#open.length > 1
    if (sticks) {
      const word = last.text.slice(0, -1)
      this.#fault(last.end - 1, `the '}' belongs to the word before it: expected '${shorten(word)}; }'`)
      this.#words[this.#words.length - 1] = { ...last, text: word, end: last.end - 1 }
    } else {
      this.#fault(last.end, `'${name}' lacks its ';': expected ';' or '{' before ${next}`)
    }
    this.#finish(null)
    if (sticks) {
      this.#open.pop()
    }
  }

  #openBlock(token: Token): void {
    if (this.#words.length === 0) {
      this.#fault(token.start, `unexpected '{': expected the name of a block before it`)
    }
    const depth = (this.#options.outerBlocks ?? 0) + this.#open.length
    if (depth > this.#limits.maxBlockDepth) {
      this.#stop(token.start, `blocks are nested deeper than maxBlockDepth (${this.#limits.maxBlockDepth})`)
      return
    }
    const block: OpenBlock = { words: this.#words.length === 0 ? [token] : this.#words, statements: [] }
    if (this.#words.length > 0) {
      this.#finish(block.statements)
    }
    this.#open.push(block)
  }

  #closeBlock(token: Token): void {
    if (this.#open.length === 1) {
      this.#fault(token.start, `unexpected '}': no block is open here${this.#crooked ?? ''}`)
      return
    }
    const block = this.#open.pop()
    const [name] = block?.words ?? []
    if (token.beginsLine && name?.beginsLine === true && this.#crooked === null) {
      const [begin, end] = [this.#lines.placeOf(name.start), this.#lines.placeOf(token.start)]
      if (end.column !== begin.column) {
        this.#crooked = `; the '}' in line ${end.line} closes '${shorten(name.text)}' of line ${begin.line} but does not stand below it`
      }
    }
  }

  #tellOpenBlocks(): void {
    for (const { words } of this.#open.slice(1)) {
      const [name] = words
      if (name !== undefined) {
        const title = words.map(({ text }) => shorten(text)).join(' ')
        this.#fault(
          name.start,
          `the block '${`${title} {`.trim()}' is never closed: expected '}'${this.#crooked ?? ''}`,
        )
      }
    }
  }

  /** Makes a statement of the words that were read. */
  #finish(block: Statement[] | null): void {
    const [name, ...args] = this.#words
    this.#words = []
    if (name === undefined) {
      return
    }
    this.#count++
    if (this.#count > this.#limits.maxStatements) {
      this.#stop(name.start, `more directives than maxStatements (${this.#limits.maxStatements})`)
      return
    }
    this.#open.at(-1)?.statements.push({
      name: name.text,
      place: this.#place(name.start),
      args: args.map(({ text, start }): Argument => ({ text, place: this.#place(start) })),
      block,
    })
  }

  #place(offset: number): Place {
    return this.#lines.placeOf(offset)
  }

  #fault(offset: number, message: string): void {
    this.#faults.add(this.#place(offset), message)
  }

  /** Tells a fault after which the rest of the file is not read. */
  #stop(offset: number, message: string): void {
    this.#fault(offset, message)
    this.#stopped = true
  }
}

function byPlace({ place: a }: ConfigFault, { place: b }: ConfigFault): number {
  if (a === null || b === null) {
    return Number(a === null) - Number(b === null)
  }
  return a.line - b.line || a.column - b.column
}
