import { describe, expect, it } from 'vitest'
import { keepUsed } from './used-css.ts'

const WORDS = new Set(['card', 'btn', 'btn-primary', 'spin'])

function keep(css: string): string {
  return keepUsed(css, WORDS).replace(/\s+/g, '')
}

describe('keepUsed', () => {
  it('leaves rules whose classes are used, and rules without classes', () => {
    expect(keep('a{color:red}.card{top:0}.carousel{top:0}.card .modal{top:0}.btn.card>b{top:0}')).toBe(
      'a{color:red}.card{top:0}.btn.card>b{top:0}',
    )
  })

  it('leaves of a list of selectors those that are used', () => {
    expect(keep('.card,.modal,.btn:not(.card,.btn){top:0}')).toBe('.card,.btn:not(.card,.btn){top:0}')
  })

  it('looks into conditions, and drops those that are empty then', () => {
    expect(keep('@media (x){.card{top:0}.modal{top:0}}@media (y){.modal{top:0}}')).toBe(
      '@media(x){.card{top:0}}',
    )
  })

  it('drops animations that nobody names', () => {
    expect(keep('@keyframes spin{to{top:0}}@keyframes sway{to{top:0}}')).toBe('@keyframesspin{to{top:0}}')
  })

  it('drops properties that nothing reads, and those that only such properties read', () => {
    const css = ':root{--bs-a:1;--bs-b:var(--bs-a);--bs-c:2;--own:3}.card{top:var(--bs-c)}'
    expect(keep(css)).toBe(':root{--bs-c:2;--own:3}.card{top:var(--bs-c)}')
  })

  it('is not misled by braces and semicolons within drawings', () => {
    const css = `.btn{background:url("data:a;b{}");--bs-x:url("data:c;d")}.modal{top:0}@charset "x";`
    expect(keep(css)).toBe('.btn{background:url("data:a;b{}");}@charset"x";')
  })

  it('drops comments', () => {
    expect(keep('/* .card{} */.btn{top:0/*;*/}')).toBe('.btn{top:0}')
  })
})
