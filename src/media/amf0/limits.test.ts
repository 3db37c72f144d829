import { describe, expect, it } from 'vitest'
import { LimitError } from '../../base/index.ts'
import {
  decodeAmf0,
  encodeAmf0,
  MAX_AMF0_DEPTH,
  MAX_AMF0_NAME_BYTES,
  MAX_AMF0_REFERENCED_BYTES,
  MAX_AMF0_VALUES,
} from './index.ts'

describe('AMF0 limits', () => {
  const openings = {
    'strict arrays': '0a 00000001',
    objects: '03 0001 61',
    'ECMA arrays': '08 00000001 0001 61',
    'typed objects': '10 0000 0001 61',
  }

  it.each(Object.entries(openings))(
    'allow MAX_AMF0_DEPTH %s within one another and no more',
    (_, opening) => {
      const nested = (depth: number): Uint8Array => hex(`${opening.repeat(depth)} 05`)
      const [value] = decodeAmf0(nested(MAX_AMF0_DEPTH))
      expect(decodeAmf0(encodeAmf0(value))).toEqual([value])
      expect(() => decodeAmf0(nested(MAX_AMF0_DEPTH + 1))).toThrow(
        new LimitError('MAX_AMF0_DEPTH', MAX_AMF0_DEPTH, MAX_AMF0_DEPTH + 1),
      )
      expect(() => encodeAmf0([value])).toThrow(new LimitError('MAX_AMF0_DEPTH', MAX_AMF0_DEPTH, 33))
    },
  )

  it('end 10 000 nested containers with a LimitError and not with a stack overflow', () => {
    for (const opening of [...Object.values(openings), Object.values(openings).join('')]) {
      expect(() => decodeAmf0(hex(opening.repeat(10_000)))).toThrow(LimitError)
    }
  })

  it('count depth anew after a container ends', () => {
    const deep = `${'0a 00000001'.repeat(MAX_AMF0_DEPTH)} 05`
    expect(decodeAmf0(hex(deep.repeat(3)))).toHaveLength(3)
  })

  it('count depth through references', () => {
    const inner = `${'0a 00000001'.repeat(16)} 05`
    const around = (depth: number): Uint8Array => hex(`${inner} ${'0a 00000001'.repeat(depth)} 07 0000`)
    const [, value] = decodeAmf0(around(16))
    expect(decodeAmf0(encodeAmf0(value))).toEqual([value])
    expect(() => decodeAmf0(around(17))).toThrow(new LimitError('MAX_AMF0_DEPTH', MAX_AMF0_DEPTH, 33))
  })

  it('count depth through a reference to a value whose last element is not its deepest', () => {
    const uneven = `0a 00000002 ${'0a 00000001'.repeat(15)} 05 0a 00000000`
    const around = (depth: number): Uint8Array => hex(`${uneven} ${'0a 00000001'.repeat(depth)} 07 0000`)
    expect(decodeAmf0(around(16))).toHaveLength(2)
    expect(() => decodeAmf0(around(17))).toThrow(new LimitError('MAX_AMF0_DEPTH', MAX_AMF0_DEPTH, 33))
  })

  it('count depth through a reference to a value that holds references', () => {
    const wrapped = Array.from({ length: 40 }, (_, index) => `0a 00000001 07 ${uint16(index)}`)
    const chain = (length: number): Uint8Array => hex(`0a 00000000 ${wrapped.slice(0, length - 1).join('')}`)
    expect(decodeAmf0(chain(MAX_AMF0_DEPTH))).toHaveLength(MAX_AMF0_DEPTH)
    expect(() => decodeAmf0(chain(MAX_AMF0_DEPTH + 1))).toThrow(LimitError)
  })

  it('allow MAX_AMF0_VALUES values, wherever they stand, and no more', () => {
    const array = (count: number): Uint8Array => hex(`0a ${uint32(count)} ${'05'.repeat(count)}`)
    expect(decodeAmf0(array(MAX_AMF0_VALUES - 1))).toHaveLength(1)
    expect(() => decodeAmf0(array(MAX_AMF0_VALUES))).toThrow(
      new LimitError('MAX_AMF0_VALUES', MAX_AMF0_VALUES, MAX_AMF0_VALUES + 1),
    )
    expect(decodeAmf0(new Uint8Array(MAX_AMF0_VALUES).fill(5))).toHaveLength(MAX_AMF0_VALUES)
    expect(() => decodeAmf0(new Uint8Array(MAX_AMF0_VALUES + 1).fill(5))).toThrow(LimitError)
  })

  it('count values through references, so that doubling ends early', () => {
    const doubling = Array.from(
      { length: 20 },
      (_, index) => `0a 00000002 ${`07 ${uint16(index)}`.repeat(2)}`,
    )
    const levels = (count: number): Uint8Array => hex(`0a 00000000 ${doubling.slice(0, count).join('')}`)
    // Level k holds 2^(k+1) - 1 values as written out, levels 0 to k together 2^(k+2) - k - 3.
    expect(decodeAmf0(levels(14))).toHaveLength(15)
    expect(() => decodeAmf0(levels(15))).toThrow(new LimitError('MAX_AMF0_VALUES', MAX_AMF0_VALUES, 98_287))
  })

  it('bound the bytes that references repeat', () => {
    const size = 65_535
    const text = `0a 00000001 02 ${uint16(size)} ${'61'.repeat(size)}`
    const repeats = Math.floor(MAX_AMF0_REFERENCED_BYTES / (size + 8))
    expect(decodeAmf0(hex(text + '07 0000'.repeat(repeats)))).toHaveLength(repeats + 1)
    expect(() => decodeAmf0(hex(text + '07 0000'.repeat(repeats + 1)))).toThrow(
      new LimitError('MAX_AMF0_REFERENCED_BYTES', MAX_AMF0_REFERENCED_BYTES, (repeats + 1) * (size + 8)),
    )
  })

  it('refuse names that could not be written again', () => {
    const named = (byte: string, count: number): Uint8Array =>
      hex(`03 ${uint16(count)} ${byte.repeat(count)} 05 0000 09`)
    expect(decodeAmf0(named('61', MAX_AMF0_NAME_BYTES))).toHaveLength(1)
    expect(() => decodeAmf0(named('ff', 21_846))).toThrow(
      new LimitError('MAX_AMF0_NAME_BYTES', MAX_AMF0_NAME_BYTES, 65_538),
    )
    expect(() => encodeAmf0({ ['a'.repeat(MAX_AMF0_NAME_BYTES + 1)]: null })).toThrow(
      new LimitError('MAX_AMF0_NAME_BYTES', MAX_AMF0_NAME_BYTES, MAX_AMF0_NAME_BYTES + 1),
    )
  })
})

/** Spaces in `text` are for the eye. */
function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

function uint16(value: number): string {
  return value.toString(16).padStart(4, '0')
}

function uint32(value: number): string {
  return value.toString(16).padStart(8, '0')
}
