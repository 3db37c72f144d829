import { describe, expect, it } from 'vitest'
import { DEFAULT_PAGE_ENTRIES, MAX_PAGE_ENTRIES, pageOf } from './paging.ts'

const ENTRIES = Array.from({ length: MAX_PAGE_ENTRIES + 100 }, (_, index) => index)

/** The first entry of a page, and how many it has. */
function page(query: string): [number | undefined, number] {
  const entries = pageOf(ENTRIES, new URLSearchParams(query))
  return [entries[0], entries.length]
}

describe('A page of a list', () => {
  it.each<[string, number | undefined, number]>([
    ['', 0, DEFAULT_PAGE_ENTRIES],
    ['start=20&count=30', 20, 30],
    ['count=9', 0, DEFAULT_PAGE_ENTRIES],
    ['start=-1&count=-1', 0, DEFAULT_PAGE_ENTRIES],
    ['start=x&count=1e3', 0, DEFAULT_PAGE_ENTRIES],
    ['count=5000', 0, MAX_PAGE_ENTRIES],
    ['count=5001', 0, MAX_PAGE_ENTRIES],
    [`count=${Number.MAX_SAFE_INTEGER}`, 0, MAX_PAGE_ENTRIES],
    ['count=9223372036854775807', 0, MAX_PAGE_ENTRIES],
    [`count=${'9'.repeat(400)}`, 0, MAX_PAGE_ENTRIES],
    [`start=${'9'.repeat(400)}`, undefined, 0],
    [`start=${MAX_PAGE_ENTRIES}&count=5000`, MAX_PAGE_ENTRIES, 100],
    ['__proto__=1&constructor=2&start=toString', 0, DEFAULT_PAGE_ENTRIES],
  ])('of ?%s begins with %s and has %i entries', (query, first, length) => {
    expect(page(query)).toEqual([first, length])
  })
})
