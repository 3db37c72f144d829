import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SLICE_BYTES, SlicedText } from './index.ts'

function textOf(text: SlicedText): string {
  return Buffer.concat(text.slices).toString()
}

describe('A sliced text', () => {
  it('is the same as a whole one, and each slice is made in a turn of its own', async () => {
    const text = new SlicedText()
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) {
        setImmediate(count)
      }
    }
    setImmediate(count)
    let whole = ''
    for (let index = 0; index < 9_000; index++) {
      const piece = ` Straße 直播 ${'and more '.repeat(index % 7)}`
      whole += `${index}${piece}`
      text.number(index).write(piece)
      if (text.isSliceFull) {
        await text.nextSlice()
      }
    }
    isOver = true
    const { slices } = text
    expect(textOf(text)).toBe(whole)
    expect(slices.length).toBeGreaterThanOrEqual(Buffer.byteLength(whole) / SLICE_BYTES)
    expect(turns).toBeGreaterThanOrEqual(slices.length - 1)
  })

  it('is what it is of texts of any length and numbers of any kind, without waiting, too', () => {
    const texts = fc
      .array(fc.oneof(fc.string(), fc.constantFrom('é', '直播', '😀')), { maxLength: 8 })
      .map((parts) => parts.join(''))
    const pieces = fc.array(fc.oneof(texts, fc.double(), fc.integer(), fc.maxSafeNat()))
    fc.assert(
      fc.property(pieces, (given) => {
        const text = new SlicedText()
        for (const piece of given) {
          text[typeof piece === 'string' ? 'write' : 'number'](piece as never)
        }
        const long = 'x'.repeat(SLICE_BYTES + 1)
        expect(textOf(text.write(long))).toBe(`${given.join('')}${long}`)
      }),
      { numRuns: 50 },
    )
  })

  it('has no slices if there is nothing in it', () => {
    expect(new SlicedText().write('').slices).toEqual([])
  })
})
