// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are TypeScript sources
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenize } from './tokens.ts'

/** The tokens as `kind:text`, to keep the expectations short. */
function summary(source: string): string[] {
  return tokenize(source).map((token) => `${token.kind}:${token.text}`)
}

describe('tokenize', () => {
  it.each<[string, string, string[]]>([
    ['words and punctuation', 'a?.b', ['word:a', 'punctuation:?.', 'word:b']],
    ['private names', 'this.#x', ['word:this', 'punctuation:.', 'word:#x']],
    ['a string with the other quote in it', `'a"b'`, [`string:'a"b'`]],
    ['an escaped quote', String.raw`'a\'b' c`, [String.raw`string:'a\'b'`, 'word:c']],
    ['a string without its end, up to the end of the line', "don't\nx", ['word:don', "string:'t", 'word:x']],
    ['a line comment', 'a // import b\nc', ['word:a', 'comment:// import b', 'word:c']],
    [
      'the line that names the interpreter',
      '#!/usr/bin/env node\n#a',
      ['comment:#!/usr/bin/env node', 'word:#a'],
    ],
    ['a block comment', '/** doc */ a', ['comment:/** doc */', 'word:a']],
    ['a comment without its end', '/* a', ['comment:/* a']],
    ['comment marks in a string', "'/* a' b", ["string:'/* a'", 'word:b']],
    ['a plain template', '`a b` c', ['template:`a b`', 'word:c']],
    [
      'a template with an expression',
      '`a${ b }c` d',
      ['template:`a', 'punctuation:${', 'word:b', 'punctuation:}', 'template:c`', 'word:d'],
    ],
    [
      'braces and a template inside a template',
      '`${ {x: `}`} }` y',
      [
        'template:`',
        'punctuation:${',
        'punctuation:{',
        'word:x',
        'punctuation::',
        'template:`}`',
        'punctuation:}',
        'punctuation:}',
        'template:`',
        'word:y',
      ],
    ],
    ['an escaped dollar', '`\\${a}` b', ['template:`\\${a}`', 'word:b']],
    [
      'a regular expression with a quote',
      "= /'/g.x",
      ['punctuation:=', "regex:/'/g", 'punctuation:.', 'word:x'],
    ],
    ['a regular expression with a slash in a class', 'return /[/]/', ['word:return', 'regex:/[/]/']],
    ['a division', 'a / b / c', ['word:a', 'punctuation:/', 'word:b', 'punctuation:/', 'word:c']],
    [
      'a division after a bracket',
      "(a) / '/'",
      ['punctuation:(', 'word:a', 'punctuation:)', 'punctuation:/', "string:'/'"],
    ],
    ['numbers', '0xff 1_000 1.5', ['number:0xff', 'number:1_000', 'number:1.5']],
    ['an arrow', '() => a', ['punctuation:(', 'punctuation:)', 'punctuation:=>', 'word:a']],
    ['a spread', '...a', ['punctuation:...', 'word:a']],
  ])('reads %s', (_name, source, expected) => {
    expect(summary(source)).toEqual(expected)
  })

  it('counts lines through comments, strings and templates', () => {
    const tokens = tokenize('/*\n\n*/ a\n`\n${b}\n` c\nd')
    const lines = Object.fromEntries(tokens.filter((t) => t.kind === 'word').map((t) => [t.text, t.line]))
    expect(lines).toEqual({ a: 3, b: 5, c: 6, d: 7 })
  })

  it('says which token is the first on its line', () => {
    const first = tokenize('a b\n  c d\n/* e */ f').filter((token) => token.startsLine)
    expect(first.map((token) => token.text)).toEqual(['a', 'c', '/* e */'])
  })

  it('keeps every character that is not whitespace, whatever the input', () => {
    const source = fc.array(
      fc.constantFrom('a', '#', '/', '*', '"', "'", '`', '${', '}', '{', '\\', '\n', ' ', '1', '.'),
    )
    fc.assert(
      fc.property(source, (parts) => {
        const text = parts.join('')
        const kept = tokenize(text).map((token) => token.text)
        expect(kept.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
      }),
      { numRuns: 300 },
    )
  })
})
