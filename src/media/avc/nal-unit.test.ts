import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import { AvcNalUnitType, avcNalUnitTypeOf, MAX_NAL_UNITS_PER_ACCESS_UNIT, splitNalUnits } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

function joinNalUnits(nalUnits: readonly Uint8Array[], lengthSize: number): Uint8Array {
  const parts = nalUnits.map((nalUnit) => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, nalUnit.length)
    return Buffer.concat([length.subarray(4 - lengthSize), nalUnit])
  })
  return new Uint8Array(Buffer.concat(parts))
}

describe('splitNalUnits', () => {
  const cases = [
    { name: 'no NAL unit', size: 4, bytes: '', nalUnits: [] },
    {
      name: 'two with 4-byte lengths',
      size: 4,
      bytes: '00000002 09f0 00000003 6588aa',
      nalUnits: ['09f0', '6588aa'],
    },
    { name: 'one with a 3-byte length', size: 3, bytes: '000002 09f0', nalUnits: ['09f0'] },
    { name: 'one with a 2-byte length', size: 2, bytes: '0002 09f0', nalUnits: ['09f0'] },
    { name: 'two with 1-byte lengths', size: 1, bytes: '01 09 02 419a', nalUnits: ['09', '419a'] },
  ]

  it.each(cases)('splits $name', ({ size, bytes, nalUnits }) => {
    expect(splitNalUnits(hex(bytes), size)).toEqual(nalUnits.map(hex))
  })

  it.each(cases)('gives back what was joined: $name', ({ size, bytes, nalUnits }) => {
    expect(joinNalUnits(nalUnits.map(hex), size)).toEqual(hex(bytes))
  })

  it('leaves out NAL units of length zero', () => {
    expect(splitNalUnits(hex('0000 0001 09 0000'), 2)).toEqual([hex('09')])
  })

  it('returns views and copies nothing', () => {
    const accessUnit = hex('00000002 09f0')
    const [nalUnit] = splitNalUnits(accessUnit, 4)
    expect(nalUnit?.buffer).toBe(accessUnit.buffer)
    expect(nalUnit?.byteOffset).toBe(4)
  })

  it.each([
    { name: 'a length past the end', size: 4, bytes: '00000003 09f0' },
    { name: 'a length with the top bit set', size: 4, bytes: 'ffffffff 09f0' },
    { name: 'a length cut short', size: 4, bytes: '00000001 09 0000' },
    { name: 'a length size of 0', size: 0, bytes: '09' },
    { name: 'a length size of 5', size: 5, bytes: '0000000001 09' },
  ])('refuses $name', ({ size, bytes }) => {
    expect(() => splitNalUnits(hex(bytes), size)).toThrow(ProtocolError)
  })

  it('takes MAX_NAL_UNITS_PER_ACCESS_UNIT and not one more', () => {
    const atLimit = new Uint8Array(MAX_NAL_UNITS_PER_ACCESS_UNIT * 2).fill(1)
    expect(splitNalUnits(atLimit, 1)).toHaveLength(MAX_NAL_UNITS_PER_ACCESS_UNIT)
    const beyond = new Uint8Array(atLimit.length + 2).fill(1)
    expect(() => splitNalUnits(beyond, 1)).toThrow(LimitError)
  })

  it('splits whatever was joined', () => {
    const nalUnits = fc.array(fc.uint8Array({ minLength: 1, maxLength: 255 }), { maxLength: 10 })
    fc.assert(
      fc.property(nalUnits, fc.integer({ min: 1, max: 4 }), (expected, size) => {
        expect(splitNalUnits(joinNalUnits(expected, size), size)).toEqual(expected)
      }),
    )
  })

  it('throws nothing but ProtocolError, and accounts for every byte if it throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 1, max: 4 }), (bytes, size) => {
        try {
          const nalUnits = splitNalUnits(bytes, size)
          const payload = nalUnits.reduce((sum, nalUnit) => sum + nalUnit.length, 0)
          const lengthFields = bytes.length - payload
          expect(lengthFields % size).toBe(0)
          expect(lengthFields).toBeGreaterThanOrEqual(nalUnits.length * size)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('avcNalUnitTypeOf', () => {
  it('ignores nal_ref_idc', () => {
    expect(avcNalUnitTypeOf(hex('65'))).toBe(AvcNalUnitType.idrSlice)
    expect(avcNalUnitTypeOf(hex('25'))).toBe(AvcNalUnitType.idrSlice)
    expect(avcNalUnitTypeOf(hex('67'))).toBe(AvcNalUnitType.sequenceParameterSet)
    expect(avcNalUnitTypeOf(hex('09f0'))).toBe(AvcNalUnitType.accessUnitDelimiter)
  })

  it('refuses an empty NAL unit', () => {
    expect(() => avcNalUnitTypeOf(new Uint8Array())).toThrow(ProtocolError)
  })
})
