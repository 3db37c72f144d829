import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../base/index.ts'
import { BitReader } from './index.ts'

/** Bytes of a text of zeros and ones (blanks don't count), filled up with ones. */
function bits(text: string): Uint8Array {
  const digits = text.replaceAll(' ', '')
  const whole = digits.padEnd(Math.ceil(digits.length / 8) * 8, '1')
  return Uint8Array.from(whole.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

/** Code words of ISO/IEC 14496-10, 9.1, by codeNum; the last column is table 9-3, the signed value. */
const codeWords: [word: string, unsigned: number, signed: number][] = [
  ['1', 0, 0],
  ['010', 1, 1],
  ['011', 2, -1],
  ['00100', 3, 2],
  ['00101', 4, -2],
  ['00110', 5, 3],
  ['0001000', 7, 4],
  ['000000000 1 111111111', 1022, -511],
  [`${'0'.repeat(31)} 1 ${'1'.repeat(31)}`, 2 ** 32 - 2, -(2 ** 31 - 1)],
  [`${'0'.repeat(32)} 1 ${'0'.repeat(32)}`, 2 ** 32 - 1, 2 ** 31],
]

describe('a bit reader', () => {
  it('reads fields across bytes, most significant bit first', () => {
    const reader = new BitReader(bits('101 0 1100110011 01'))
    expect(reader.readBits(3)).toBe(0b101)
    expect(reader.readFlag()).toBe(false)
    expect(reader.readBits(10)).toBe(0b1100110011)
    expect(reader.remainingBits).toBe(2)
    expect(reader.readBits(0)).toBe(0)
    reader.skipBits(1)
    expect(reader.readFlag()).toBe(true)
    expect(reader.remainingBits).toBe(0)
  })

  it('reads fields of any length as the number that their bits are', () => {
    const lengths = fc.array(fc.nat({ max: 32 }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), lengths, (bytes, counts) => {
        const text = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
        const reader = new BitReader(bytes)
        let at = 0
        for (const count of counts) {
          if (at + count > text.length) {
            expect(() => reader.readBits(count)).toThrow(ProtocolError)
          } else {
            expect(reader.readBits(count)).toBe(Number.parseInt(`0${text.slice(at, at + count)}`, 2))
            at += count
          }
          expect(reader.remainingBits).toBe(text.length - at)
        }
      }),
    )
  })

  it('says where it is, what it needs and what there is', () => {
    const reader = new BitReader(Uint8Array.of(0xff, 0xff))
    reader.skipBits(7)
    expect(() => reader.readBits(10)).toThrow(new ProtocolError('need 10 bits at bit 7, have 9'))
    expect(() => reader.skipBits(10)).toThrow(new ProtocolError('need 10 bits at bit 7, have 9'))
    reader.skipBits(9)
    expect(() => reader.readFlag()).toThrow(new ProtocolError('need 1 bits at bit 16, have 0'))
  })

  it.each(codeWords)('reads the Exp-Golomb code %s as %d, signed as %d', (word, unsigned, signed) => {
    const length = word.replaceAll(' ', '').length
    const reader = new BitReader(bits(word))
    expect(reader.readUnsignedExpGolomb()).toBe(unsigned)
    expect(reader.remainingBits).toBe(Math.ceil(length / 8) * 8 - length)
    // toBe tells 0 from -0.
    expect(new BitReader(bits(word)).readSignedExpGolomb()).toBe(signed)
  })

  it('reads Exp-Golomb codes one behind the other', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100_000 }), { maxLength: 30 }), (values) => {
        const words = values.map((value) => {
          const digits = (value + 1).toString(2)
          return '0'.repeat(digits.length - 1) + digits
        })
        const reader = new BitReader(bits(words.join('')))
        expect(values.map(() => reader.readUnsignedExpGolomb())).toEqual(values)
      }),
    )
  })

  it('refuses an Exp-Golomb code of more than 32 leading zeros, and one cut short', () => {
    const zeros = new Uint8Array(20)
    expect(() => new BitReader(zeros).readUnsignedExpGolomb()).toThrow('more than 32 leading zeros')
    expect(() => new BitReader(zeros.subarray(0, 2)).readUnsignedExpGolomb()).toThrow('at bit 16, have 0')
    expect(() => new BitReader(Uint8Array.of(0b00001_000)).readUnsignedExpGolomb()).toThrow(
      new ProtocolError('need 4 bits at bit 5, have 3'),
    )
    expect(() => new BitReader(zeros).readSignedExpGolomb()).toThrow(ProtocolError)
  })
})
