// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are TypeScript sources
import { describe, expect, it } from 'vitest'
import { findImports } from './imports.ts'
import { tokenize } from './tokens.ts'

/** `value x`, `type x` or `dynamic x` for each import found. */
function summary(source: string): string[] {
  return findImports(tokenize(source)).map((found) => {
    const how = found.dynamic ? 'dynamic' : 'static'
    return `${how} ${found.typeOnly ? 'type' : 'value'} ${found.specifier}`
  })
}

describe('findImports', () => {
  it.each<[string, string[]]>([
    [`import 'a'`, ['static value a']],
    [`import a from "a"`, ['static value a']],
    [`import * as a from 'a'`, ['static value a']],
    [`import a, { b as c } from 'a'`, ['static value a']],
    [`import {\n  a, // from 'wrong'\n  b,\n} from 'a'`, ['static value a']],
    [`import { from } from 'a'`, ['static value a']],
    [`import from from 'a'`, ['static value a']],
    [`import type A from 'a'`, ['static type a']],
    [`import type { A } from 'a'`, ['static type a']],
    [`import type * as A from 'a'`, ['static type a']],
    [`import type from 'a'`, ['static value a']],
    [`import { type A } from 'a'`, ['static value a']],
    [`import data from './a.json' with { type: 'json' }`, ['static value ./a.json']],
    [`export * from 'a'`, ['static value a']],
    [`export * as a from 'a'`, ['static value a']],
    [`export { a, b } from 'a'`, ['static value a']],
    [`export type { A } from 'a'`, ['static type a']],
    [`export type * from 'a'`, ['static type a']],
    [`export { a }\nimport 'b'`, ['static value b']],
    [`export {}\nimport b from 'b'`, ['static value b']],
    [`export type A = { from: 'a' }`, []],
    [`export const from = 'a'`, []],
    [`export default function f() { return import('b') }`, ['dynamic value b']],
    [`const a = await import('a')`, ['dynamic value a']],
    [`const a = await import(\`a\`)`, ['dynamic value a']],
    [`const a = import('a', { with: {} })`, ['dynamic value a']],
    [`const a = import(name)`, ['dynamic value null']],
    [`const a = import('./x/' + name)`, ['dynamic value null']],
    [`type A = typeof import('a')`, ['dynamic type a']],
    [`console.log(import.meta.url)`, []],
    [`loader.import('a')`, []],
    [`const conditions = { import: './a.js', export: 1 }`, []],
    [`// import 'a'\n/* import 'b' */\nconst s = "import 'c'"`, []],
    ["const s = `import 'a' ${await import('b')}`", ['dynamic value b']],
    [`import a from 'a';import b from 'b'`, ['static value a', 'static value b']],
  ])('%s', (source, expected) => {
    expect(summary(source)).toEqual(expected)
  })

  it('says the line of each', () => {
    expect(
      findImports(tokenize(`\nimport {\n a,\n} from 'a'\nimport 'b'`)).map((found) => found.line),
    ).toEqual([2, 5])
  })
})
