import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SLICE_BYTES, SlicedText } from './index.ts'

describe('A sliced text', () => {
  it('is the same as a whole one, and others have their turn while it is made', async () => {
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
    expect(String(text)).toBe(whole)
    expect(text.byteLength).toBe(Buffer.byteLength(whole))
    expect(slices.length).toBeGreaterThanOrEqual(Buffer.byteLength(whole) / SLICE_BYTES)
    // Four parts at most share one.
    expect(turns).toBeGreaterThanOrEqual((slices.length - 1) / 4)
  })

  it('is what it is of texts of any length and numbers of any kind, without waiting, too', () => {
    const texts = fc
      .array(fc.oneof(fc.string(), fc.constantFrom('é', '直播', '😀')), { maxLength: 8 })
      .map((parts) => parts.join(''))
    const pieces = fc.array(fc.oneof(texts, fc.double(), fc.integer(), fc.nat(2e9), fc.maxSafeNat()))
    fc.assert(
      fc.property(pieces, (given) => {
        const text = new SlicedText()
        for (const piece of given) {
          text[typeof piece === 'string' ? 'write' : 'number'](piece as never)
        }
        const long = 'x'.repeat(SLICE_BYTES + 1)
        expect(String(text.write(long))).toBe(`${given.join('')}${long}`)
      }),
      { numRuns: 50 },
    )
  })

  it('has hundredths as numbers with two decimals, and texts that are bytes already as they are', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e12 }), fc.string({ maxLength: 60 }), (hundredths, given) => {
        const text = new SlicedText().hundredths(hundredths).bytes(Buffer.from(given))
        expect(String(text)).toBe((hundredths / 100).toFixed(2) + given)
      }),
    )
  })

  it('is whole whatever others do at the same time, also where slices are used again', async () => {
    const made = fc.record({
      letter: fc.constantFrom('a', 'b', '直'),
      pieces: fc.nat(400),
      releases: fc.boolean(),
    })
    const make = async ({
      letter,
      pieces,
      releases,
    }: {
      letter: string
      pieces: number
      releases: boolean
    }) => {
      const text = new SlicedText()
      const piece = letter.repeat(300)
      for (let index = 0; index < pieces; index++) {
        text.write(piece)
        if (text.isSliceFull) {
          await text.nextSlice()
        }
      }
      const { slices } = text
      // As while it is sent.
      await new Promise((resolve) => setImmediate(resolve))
      expect(Buffer.concat(slices).equals(Buffer.from(piece.repeat(pieces)))).toBe(true)
      if (releases) {
        text.release()
        expect(text.slices).toEqual([])
        text.release()
      }
    }
    await fc.assert(
      fc.asyncProperty(fc.array(made, { maxLength: 6 }), async (texts) => {
        await Promise.all(texts.map(make))
      }),
      { numRuns: 20 },
    )
  })

  it('is made of slices that were released before, and of others where nobody has released any', () => {
    const memoryOf = (text: SlicedText): unknown => text.write('.').slices[0]?.buffer
    const first = new SlicedText()
    const kept = memoryOf(first)
    expect(memoryOf(new SlicedText())).not.toBe(kept)
    first.release()
    expect(memoryOf(new SlicedText())).toBe(kept)
  })

  it('has no slices if there is nothing in it', () => {
    expect(new SlicedText().write('').slices).toEqual([])
  })
})
