// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are TypeScript sources
import { describe, expect, it } from 'vitest'
import { checkDocblocks } from './check-docblocks.ts'

/** Findings of a tree, without the words that are always the same. */
function missingIn(tree: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(tree).map(([path, text]) => ({ path, text }))
  return checkDocblocks(files).map(
    (finding) => `${finding.path}:${finding.line} ${finding.message.replace(' has no docblock', '')}`,
  )
}

/** Findings of one module that an index.ts exports whole. */
function missing(source: string): string[] {
  const tree = { 'src/base/index.ts': `export * from './a.ts'`, 'src/base/a.ts': source }
  return missingIn(tree).map((line) => line.replace('src/base/a.ts:', ''))
}

describe('an export', () => {
  it.each([
    ['export const a: number = 1', `'a'`],
    ['export let a = 1', `'a'`],
    ['export function a(): void {}', `'a'`],
    ['export async function a(): Promise<void> {}', `'a'`],
    ['export function* a() {}', `'a'`],
    ['export class A {}', `'A'`],
    ['export abstract class A<T extends { b: string }> extends B<T> {}', `'A'`],
    ['export interface A {}', `'A'`],
    ['export type A = string', `'A'`],
    ['export type A<T> = T | null', `'A'`],
    ['export declare const a: unique symbol', `'a'`],
    ['export default class A {}', `'default'`],
    ['export default { a: 1 }', `'default'`],
  ])('needs a docblock: %s', (source, name) => {
    expect(missing(source)).toEqual([`1 ${name}`])
    expect(missing(`/** What it is. */\n${source}`)).toEqual([])
    expect(missing(`/**\n * What it is.\n */\n// a note for a linter\n${source}`)).toEqual([])
  })

  it.each([
    ['// What it is.'],
    ['/* What it is. */'],
    ['/** */'],
    ['/**\n *\n */'],
    ['/** Another. */\nconst b = 1'],
  ])('is not documented by %j', (before) => {
    expect(missing(`${before}\nexport const a = 1`)).toHaveLength(1)
  })

  it('is found after statements of every shape', () => {
    const source = [
      'import b, { c as d } from "./b.ts"',
      'const e = `${b}` // export const f = 1',
      'const g = b',
      '  ? /export const h/',
      '  : { export: 1 }',
      'function i() {',
      '  const j = 1',
      '}',
      'if (d) { i() }',
      'export const k = 1, l = 2',
      'export const m = 1; export const n = 2',
    ]
    expect(missing(source.join('\n'))).toEqual([`10 'k'`, `11 'm'`, `11 'n'`])
  })

  it('needs one docblock for all its overloads, but one each for a type and a value of one name', () => {
    const overloads =
      'export function a(b: string): void\nexport function a(b: number): void\nexport function a() {}'
    expect(missing(overloads)).toEqual([`1 'a'`])
    expect(missing(`/** One. */\n${overloads}`)).toEqual([])
    expect(missing('/** One. */\nexport type A = 1\nexport const A = 1')).toEqual([`3 'A'`])
  })
})

describe('what counts as exported', () => {
  it('is what an index.ts reaches, by whatever way, and nothing else', () => {
    const tree = {
      'src/base/index.ts': [
        `export * from './star.ts'`,
        `export * as space from './space.ts'`,
        `export { named, other as renamed } from './named.ts'`,
        `export type { Type } from './type.ts'`,
        `export { through, type Mine as Yours } from './through.ts'`,
        `export { join } from 'node:path'`,
        `import fallback, { imported as taken } from './imported.ts'`,
        `export { fallback, taken }`,
        `const own = 1`,
        `export { own }`,
      ].join('\n'),
      'src/base/star.ts': `export const star = 1\nexport * from './deeper/deep.ts'`,
      'src/base/deeper/deep.ts': `export const deep = 1\nexport * from '../star.ts'`,
      'src/base/space.ts': 'export const space = 1',
      'src/base/named.ts': 'export const named = 1\nexport const other = 1\nexport const unreached = 1',
      'src/base/type.ts': 'type Type = 1\nexport type { Type }',
      'src/base/through.ts': `export * from './last.ts'\ntype Mine = 1\nexport { type Mine }`,
      'src/base/last.ts': 'export const through = 1\nexport const unreached = 1',
      'src/base/imported.ts': 'export const imported = 1\nexport default function f() {}',
      'src/base/nobody.ts': 'export const unreached = 1',
      'src/base/star.test.ts': 'export const unreached = 1',
    }
    expect(missingIn(tree)).toEqual([
      `src/base/deeper/deep.ts:1 'deep'`,
      `src/base/imported.ts:1 'imported'`,
      `src/base/imported.ts:2 'default'`,
      `src/base/index.ts:9 'own'`,
      `src/base/last.ts:1 'through'`,
      `src/base/named.ts:1 'named'`,
      `src/base/named.ts:2 'other'`,
      `src/base/space.ts:1 'space'`,
      `src/base/star.ts:1 'star'`,
      `src/base/through.ts:2 'Mine'`,
      `src/base/type.ts:1 'Type'`,
    ])
  })

  it('must have a declaration', () => {
    const tree = { 'src/base/index.ts': `export { a } from './a.ts'`, 'src/base/a.ts': 'const a = 1' }
    expect(missingIn(tree)).toEqual([`src/base/index.ts:1 'a': no declaration found`])
  })
})

describe('a class member', () => {
  const members = [
    'readonly field: string',
    'field = 1',
    'field?: string',
    'field!: string',
    'static readonly field = new Map<\n    string,\n    number\n  >([["a", 1]])',
    'declare field: string',
    'method(a: string): void {\n    other()\n  }',
    'async method() {}',
    'async *method() {}',
    '*method() {}',
    'get method() { return 1 }',
    'set method(a) {}',
    'get: string',
    'static: string',
    'abstract method(): void',
    '[Symbol.iterator]() {}',
    `'quoted'() {}`,
    'constructor(a: string) {}',
    'field = a\n    ? b\n    : c',
    'field =\n    a as unknown',
  ]
  it.each(members)('needs a docblock: %s', (member) => {
    const after = '\n  #hidden = 1\n  /** Last. */\n  last(): void {}\n}'
    expect(missing(`/** A. */\nexport class A {\n  ${member}${after}`)).toHaveLength(1)
    expect(missing(`/** A. */\nexport class A {\n  /** It. */\n  ${member}${after}`)).toEqual([])
    expect(missing(`/** A. */\nexport class A {\n  #first = 1\n  ${member}${after}`)).toHaveLength(1)
    expect(missing(`/** A. */\nexport class A { ${member} }`)).toHaveLength(1)
  })

  it.each([
    ['#field = 1'],
    ['#method() {}'],
    ['static #field = 1'],
    ['private field = 1'],
    ['protected abstract method(): void'],
    ['override method() {}'],
    ['constructor() {}'],
    ['static { start() }'],
    ['/** One. */\n  get a() { return 1 }\n  set a(b) {}'],
    ['/** One. */\n  a(b: string): void\n  a(b: number): void\n  a() {}'],
  ])('needs none: %s', (member) => {
    expect(missing(`/** A. */\nexport class A extends B<{ c: 1 }> {\n  ${member}\n}`)).toEqual([])
  })

  it('of a documented interface of ours needs none, others do', () => {
    const tree = {
      'src/base/index.ts': `export * from './a.ts'`,
      'src/base/port.ts': 'export interface Port<T> {\n  /** Opens. */\n  open(): T\n  shut(): void\n}',
      'src/base/a.ts':
        '/** A. */\nexport class A implements Port<B>, C {\n  open() {}\n  shut() {}\n  more() {}\n}',
    }
    expect(missingIn(tree)).toEqual([`src/base/a.ts:4 'A.shut'`, `src/base/a.ts:5 'A.more'`])
  })

  it('is told by class, name and line', () => {
    const source = '/** A. */\nexport class A {\n  /** One. */\n  one = 1\n\n  static two(): void {}\n}'
    expect(missing(source)).toEqual([`6 'A.static two'`])
  })
})

describe('a member of an interface or a type literal', () => {
  it.each([
    ['interface A', ''],
    ['interface A<T = {}> extends B<{ c: 1 }>', ''],
    ['type A =', ''],
    ['type A<T> = Readonly<', '>'],
    ['type A =\n  | null\n  |', ' | { b: 1 }'],
    ['type A = B &', ''],
  ])('needs a docblock in %s', (head, tail) => {
    const body =
      '{\n  a: string\n  readonly b?: {\n    c: 1\n  }\n  d(e: {\n    f: 1\n  }): void\n  (g: 1): void\n}'
    const source = `/** A. */\nexport ${head} ${body}${tail}\n/** Z. */\nexport const z = {\n  y: 1,\n}`
    expect(missing(source).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      `'A.a'`,
      `'A.b'`,
      `'A.d'`,
      `'A.()'`,
    ])
  })

  it.each([
    ['type A = { a: string }'],
    ['interface A { a: string }'],
    [`type A = {\n  kind: 'audio'\n  count: 1\n  is: true\n}`],
    ['type A = {\n  [K in keyof B]: string\n}'],
    ['type A = (a: {\n  b: string\n}) => void'],
    ['type A = {\n  /** One. */\n  a: string\n  /** Two. */\n  b(): void\n}'],
    ['type A = string\nconst b = {\n  c: 1,\n}'],
  ])('needs none in %s', (source) => {
    expect(missing(`/** A. */\nexport ${source}`)).toEqual([])
  })
})
