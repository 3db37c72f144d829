import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame, protocolErrorOf } from '../../../test/support/values.ts'
import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteReader, ByteWriter } from '../../bytes/index.ts'
import {
  Amf0EcmaArray,
  type Amf0Object,
  type Amf0Value,
  decodeAmf0,
  decodeAmf0Value,
  encodeAmf0,
  isAmf0Object,
  writeAmf0,
} from './index.ts'

/** An object as the decoder makes it. */
function object(...properties: readonly (readonly [string, Amf0Value])[]): Amf0Object {
  const result: Record<string, Amf0Value> = Object.create(null)
  for (const [name, value] of properties) {
    result[name] = value
  }
  return result
}

function ecmaArray(...properties: readonly (readonly [string, Amf0Value])[]): Amf0EcmaArray {
  return new Amf0EcmaArray(object(...properties))
}

/** Spaces in `text` are for the eye. */
function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

type Case = Readonly<{ name: string; bytes: string; values: readonly Amf0Value[] }>

const longText = 'é'.repeat(32_768)

/** The one way to write these values: decoded and encoded. */
const canonicalCases: readonly Case[] = [
  { name: 'nothing', bytes: '', values: [] },
  { name: 'number 0', bytes: '00 0000000000000000', values: [0] },
  { name: 'number -0', bytes: '00 8000000000000000', values: [-0] },
  { name: 'number 3.5', bytes: '00 400c000000000000', values: [3.5] },
  { name: 'number NaN', bytes: '00 7ff8000000000000', values: [Number.NaN] },
  { name: 'number infinity', bytes: '00 fff0000000000000', values: [Number.NEGATIVE_INFINITY] },
  { name: 'booleans', bytes: '01 01 01 00', values: [true, false] },
  { name: 'empty string', bytes: '02 0000', values: [''] },
  { name: 'string', bytes: '02 0007 636f6e6e656374', values: ['connect'] },
  { name: 'string beyond ASCII', bytes: '02 0007 e4b8ad f09f8e9e', values: ['中🎞'] },
  { name: 'string that starts with a byte order mark', bytes: '02 0004 efbbbf 61', values: ['\ufeffa'] },
  { name: 'longest short string', bytes: `02 ffff ${'61'.repeat(65_535)}`, values: ['a'.repeat(65_535)] },
  { name: 'long string', bytes: `0c 00010000 ${'c3a9'.repeat(32_768)}`, values: [longText] },
  { name: 'null', bytes: '05', values: [null] },
  { name: 'undefined', bytes: '06', values: [undefined] },
  { name: 'date', bytes: '0b 42743d7cd33a4000 0000', values: [new Date(1_390_894_986_148)] },
  { name: 'date without a value', bytes: '0b 7ff8000000000000 0000', values: [new Date(Number.NaN)] },
  { name: 'empty object', bytes: '03 0000 09', values: [object()] },
  {
    name: 'object in the order of the wire',
    bytes: '03 0001 62 05 0001 61 06 0000 05 0000 09',
    values: [object(['b', null], ['a', undefined], ['', null])],
  },
  {
    name: 'object with the names of the language',
    bytes: `03 0009 5f5f70726f746f5f5f 03 0001 78 0101 000009
      000b 636f6e7374727563746f72 05 0000 09`.replaceAll(/\s/g, ''),
    values: [object(['__proto__', object(['x', true])], ['constructor', null])],
  },
  { name: 'empty ECMA array', bytes: '08 00000000 0000 09', values: [ecmaArray()] },
  {
    name: 'ECMA array in an object',
    bytes: '03 0001 61 08 00000001 0001 62 02 0001 63 0000 09 0000 09',
    values: [object(['a', ecmaArray(['b', 'c'])])],
  },
  { name: 'empty strict array', bytes: '0a 00000000', values: [[]] },
  {
    name: 'strict array of everything',
    bytes: '0a 00000004 05 0a 00000001 0101 03 0000 09 08 00000000 0000 09',
    values: [[null, [true], object(), ecmaArray()]],
  },
  {
    name: 'command with its arguments',
    bytes: '02 0007 7075626c697368 00 4014000000000000 05 02 0004 64656d6f 02 0004 6c697665',
    values: ['publish', 5, null, 'demo', 'live'],
  },
]

/** Other ways to write a value, as encoders do or might: decoded only. */
const tolerantCases: readonly Case[] = [
  { name: 'boolean that is neither 0 nor 1', bytes: '01 02', values: [true] },
  { name: 'malformed UTF-8', bytes: '02 0003 61 ff 62', values: ['a\ufffdb'] },
  { name: 'short long string', bytes: '0c 00000001 61', values: ['a'] },
  { name: 'XML document', bytes: '0f 00000004 3c612f3e', values: ['<a/>'] },
  { name: 'unsupported', bytes: '0d', values: [undefined] },
  { name: 'date with a time zone', bytes: '0b 0000000000000000 ff88', values: [new Date(0)] },
  {
    name: 'typed object',
    bytes: '10 0003 632e44 0001 61 05 0000 09',
    values: [object(['a', null])],
  },
  { name: 'name given twice', bytes: '03 0001 61 05 0001 61 0101 0000 09', values: [object(['a', true])] },
  {
    name: 'ECMA array with too small a count',
    bytes: '08 00000000 0001 61 05 0000 09 05',
    values: [ecmaArray(['a', null]), null],
  },
  {
    name: 'ECMA array with far too large a count',
    bytes: '08 ffffffff 0001 61 05 0000 09 05',
    values: [ecmaArray(['a', null]), null],
  },
  {
    name: 'ECMA array without an end marker at the very end',
    bytes: '05 08 00000001 0001 61 05',
    values: [null, ecmaArray(['a', null])],
  },
  {
    name: 'object and ECMA array within, both without an end marker',
    bytes: '03 0001 61 08 00000001 0001 62 05',
    values: [object(['a', ecmaArray(['b', null])])],
  },
  {
    name: 'references to an object, an ECMA array, a strict array and a typed object',
    bytes: `03 0000 09 08 00000000 0000 09 0a 00000001 05 10 0000 0001 61 05 0000 09
      07 0000 07 0001 07 0002 07 0003`.replaceAll(/\s/g, ''),
    values: [
      object(),
      ecmaArray(),
      [null],
      object(['a', null]),
      object(),
      ecmaArray(),
      [null],
      object(['a', null]),
    ],
  },
  {
    name: 'references counted from outer to inner values',
    bytes: '0a 00000003 0a 00000001 05 07 0001 0101 07 0000',
    values: [
      [[null], [null], true],
      [[null], [null], true],
    ],
  },
]

const malformedCases: readonly Readonly<{ name: string; bytes: string; message: RegExp }>[] = [
  { name: 'a number cut short', bytes: '00 400c', message: /need 8 bytes at offset 1, have 2/ },
  { name: 'a string cut short', bytes: '02 0004 61', message: /need 4 bytes at offset 3/ },
  { name: 'a property without a value', bytes: '03 0001 61', message: /need 1 bytes/ },
  { name: 'an end marker cut short', bytes: '08 00000000 0000', message: /need 1 bytes/ },
  { name: 'a strict array cut short', bytes: '0a ffffffff 05', message: /need 1 bytes at offset 6/ },
  { name: 'an object end as a value', bytes: '05 09', message: /object end at offset 1/ },
  { name: 'an object end after a name', bytes: '03 0001 61 09', message: /object end at offset 4/ },
  { name: 'a movieclip', bytes: '04', message: /movieclip at offset 0.*not supported/ },
  { name: 'a recordset', bytes: '0e', message: /recordset at offset 0.*not supported/ },
  { name: 'an AVM+ value', bytes: '05 11 01', message: /offset 1 switches to AVM\+ \(AMF3\)/ },
  { name: 'an unknown marker', bytes: '05 05 12', message: /marker 0x12 at offset 2 is unknown/ },
  { name: 'a reference to nothing', bytes: '05 07 0000', message: /complex value 0 at offset 1, have 0/ },
  { name: 'a reference forward', bytes: '07 0000 0a 00000000', message: /complex value 0 at offset 0/ },
  { name: 'a reference to itself', bytes: '0a 00000001 07 0000', message: /complex value 0, which contains/ },
]

describe('decodeAmf0', () => {
  it.each([...canonicalCases, ...tolerantCases])('decodes $name', ({ bytes, values }) => {
    expectSame(decodeAmf0(hex(bytes)), values)
  })

  it.each(malformedCases)('refuses $name with a ProtocolError', ({ bytes, message }) => {
    expect(protocolErrorOf(() => decodeAmf0(hex(bytes)))?.message).toMatch(message)
  })

  it('yields the very object a reference points to', () => {
    const [first, second] = decodeAmf0(hex('03 0000 09 07 0000'))
    expect(second).toBe(first)
  })

  it('lets a property named __proto__ change nothing else', () => {
    const [value] = decodeAmf0(hex('03 0009 5f5f70726f746f5f5f 03 0001 78 0101 000009 0000 09'))
    expect((value as Amf0Object).x).toBeUndefined()
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('holds no view into its input', () => {
    const bytes = hex('02 0001 61')
    const values = decodeAmf0(bytes)
    bytes.fill(0)
    expect(values).toEqual(['a'])
  })
})

describe('decodeAmf0Value', () => {
  it('takes one value and leaves the reader behind it', () => {
    const reader = new ByteReader(hex('ff 03 0000 09 0101 07 0000'), 1)
    expectSame(decodeAmf0Value(reader), object())
    expect(reader.offset).toBe(5)
    expect(decodeAmf0Value(reader)).toBe(true)
    expect(() => decodeAmf0Value(reader)).toThrow(/complex value 0 at offset 7, have 0/)
  })
})

describe('encodeAmf0', () => {
  it.each(canonicalCases)('encodes $name', ({ bytes, values }) => {
    expect(toHex(encodeAmf0(...values))).toBe(bytes.replaceAll(' ', ''))
  })

  it('takes plain object literals', () => {
    expect(toHex(encodeAmf0({ a: [{ b: null }] }))).toBe(
      '030001610a00000001030001620500000900'.concat('0009'),
    )
  })

  it('refuses values AMF0 has no type for', () => {
    expect(() => encodeAmf0(10n as unknown as number)).toThrow(new TypeError('AMF0 has no bigint'))
  })

  it('refuses cycles', () => {
    const cycle: Amf0Value[] = []
    cycle.push(cycle)
    expect(() => encodeAmf0(cycle)).toThrow(LimitError)
  })
})

describe('writeAmf0', () => {
  it('appends to what the writer holds', () => {
    const writer = new ByteWriter(1).writeUint8(0xff)
    writeAmf0(writer, 'a')
    writeAmf0(writer, null)
    expect(toHex(writer.bytes())).toBe('ff0200016105')
  })
})

describe('isAmf0Object', () => {
  it('is true for objects and false for every other value', () => {
    const values = [object(), {}, ecmaArray(), [], new Date(0), null, undefined, 'a', 1, true]
    expect(values.map(isAmf0Object)).toEqual([true, true, ...Array(8).fill(false)])
  })
})

describe('AMF0 properties', () => {
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '7', ''))
  const { value: anyValue } = fc.letrec<{ value: Amf0Value; properties: Amf0Object }>((tie) => ({
    properties: fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map((entries) => object(...entries)),
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(
        fc.double(),
        fc.boolean(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom(null, undefined),
        fc.date({ noInvalidDate: false }),
      ),
      fc.array(tie('value'), { maxLength: 5 }),
      tie('properties'),
      tie('properties').map((entries) => new Amf0EcmaArray(entries)),
    ),
  }))
  const seeds = [...canonicalCases, ...tolerantCases, ...malformedCases]
    .map(({ bytes }) => hex(bytes))
    .filter((bytes) => bytes.length > 0 && bytes.length < 1000)
  /** A seed, or several joined, with a few bytes changed. */
  const nearlyAmf0 = fc
    .tuple(
      fc.array(fc.constantFrom(...seeds), { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 0x12 }), fc.nat({ max: 0xff }))), { maxLength: 4 }),
    )
    .map(([parts, changes]) => {
      const bytes = Uint8Array.from(Buffer.concat(parts))
      for (const [at, byte] of changes) {
        bytes[at % bytes.length] = byte
      }
      return bytes
    })

  it('whatever is encoded decodes to the same values', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 4 }), (values) => {
        expectSame(decodeAmf0(encodeAmf0(...values)), values)
      }),
      { numRuns: 300 },
    )
  })

  it('any bytes decode, and then encode and decode to the same values, or throw a ProtocolError', () => {
    let decoded = 0
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), nearlyAmf0), (bytes) => {
        let values: Amf0Value[]
        try {
          values = decodeAmf0(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          return
        }
        decoded++
        expectSame(decodeAmf0(encodeAmf0(...values)), values)
      }),
      { numRuns: 3000 },
    )
    expect(decoded).toBeGreaterThan(100)
  })
})
