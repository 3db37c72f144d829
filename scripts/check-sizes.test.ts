import { describe, expect, it } from 'vitest'
import { countLines, longerThan, MAX_LINES, measure, WARN_LINES } from './check-sizes.ts'

/** One file for each number of lines. */
function filesOf(...lines: number[]): { path: string; text: string }[] {
  return lines.map((count, index) => ({ path: `src/${index}.ts`, text: 'a\n'.repeat(count) }))
}

describe('countLines', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['a\n', 1],
    ['a\nb', 2],
    ['\n\n', 2],
  ])('of %j is %i', (text, lines) => {
    expect(countLines(text)).toBe(lines)
  })
})

describe('measure', () => {
  it('takes the middle, the ninth of ten, and the longest', () => {
    expect(measure(filesOf(10, 90, 20, 80, 30, 70, 40, 60, 50, 1000))).toEqual({
      files: 10,
      median: 50,
      p90: 90,
      max: 1000,
    })
  })

  it('of one file, or of none, works too', () => {
    expect(measure(filesOf(7))).toEqual({ files: 1, median: 7, p90: 7, max: 7 })
    expect(measure([])).toEqual({ files: 0, median: 0, p90: 0, max: 0 })
  })
})

describe('longerThan', () => {
  it.each([WARN_LINES, MAX_LINES])('%i finds the files past the limit, longest first', (limit) => {
    const found = longerThan(filesOf(limit, limit + 1, 1, limit + 2), limit)
    expect(found.map((finding) => finding.path)).toEqual(['src/3.ts', 'src/1.ts'])
    expect(found[0]?.message).toBe(`${limit + 2} lines, more than ${limit}`)
  })
})
