import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame, protocolErrorOf } from '../../../test/support/values.ts'
import { ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'
import {
  Amf3Decoder,
  Amf3Dictionary,
  Amf3NamedArray,
  type Amf3Object,
  Amf3TypedObject,
  type Amf3Value,
  Amf3Vector,
  Amf3Xml,
  decodeAmf3,
  encodeAmf3,
  isAmf3Object,
} from './index.ts'

/** An object as the decoder makes it. */
function object(...properties: readonly (readonly [string, Amf3Value])[]): Amf3Object {
  const result: Record<string, Amf3Value> = Object.create(null)
  for (const [name, value] of properties) {
    result[name] = value
  }
  return result
}

/** Spaces in `text` are for the eye. */
function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

type Case = Readonly<{ name: string; bytes: string; values: readonly Amf3Value[] }>

const shared = object(['a', 1])
const date = new Date(1_390_894_986_148)

/** The one way to write these values: decoded, encoded, and seeds of the fuzz test. */
const canonicalCases: readonly Case[] = [
  { name: 'nothing', bytes: '', values: [] },
  { name: 'undefined, null, false and true', bytes: '00 01 02 03', values: [undefined, null, false, true] },
  { name: 'integers of one byte', bytes: '04 00 04 7f', values: [0, 127] },
  { name: 'integers of two bytes', bytes: '04 8100 04 ff7f', values: [128, 16_383] },
  { name: 'integers of three bytes', bytes: '04 818000 04 ffff7f', values: [16_384, 2_097_151] },
  { name: 'integers of four bytes', bytes: '04 80c08000 04 bfffffff', values: [2_097_152, 268_435_455] },
  { name: 'negative integers', bytes: '04 ffffffff 04 c0808000', values: [-1, -268_435_456] },
  {
    name: 'integers that need a double',
    bytes: '05 41b0000000000000 05 c1b0000001000000',
    values: [268_435_456, -268_435_457],
  },
  { name: 'doubles', bytes: '05 400c000000000000 05 7ff8000000000000', values: [3.5, Number.NaN] },
  { name: 'double -0', bytes: '05 8000000000000000', values: [-0] },
  { name: 'strings', bytes: '06 01 06 07 616263 06 0f e4b8adf09f8e9e', values: ['', 'abc', '中🎞'] },
  { name: 'a string again', bytes: '06 03 61 06 03 62 06 00 06 02', values: ['a', 'b', 'a', 'b'] },
  {
    name: 'the empty string, never by reference',
    bytes: '06 01 06 03 61 06 01 06 00',
    values: ['', 'a', '', 'a'],
  },
  {
    name: 'XML of either kind',
    bytes: '07 09 3c612f3e 0b 09 3c622f3e',
    values: [new Amf3Xml('<a/>', true), new Amf3Xml('<b/>', false)],
  },
  {
    name: 'a date, and again',
    bytes: '08 01 42743d7cd33a4000 08 00',
    values: [date, date],
  },
  { name: 'an empty array', bytes: '09 01 01', values: [[]] },
  { name: 'an array', bytes: '09 07 01 04 01 06 03 61 01', values: [[1, 'a', null]] },
  {
    name: 'an array with named values',
    bytes: '09 03 03 61 04 01 03 62 02 01 03',
    values: [new Amf3NamedArray([true], object(['a', 1], ['b', false]))],
  },
  { name: 'an empty object', bytes: '0a 0b 01 01', values: [object()] },
  {
    name: 'objects that share their traits',
    bytes: '0a 0b 01 03 61 04 01 01 0a 01 00 04 02 01',
    values: [object(['a', 1]), object(['a', 2])],
  },
  {
    name: 'an object again',
    bytes: '09 05 01 0a 0b 01 03 61 04 01 01 0a 02',
    values: [[shared, shared]],
  },
  {
    name: 'a property without a name, which is sealed',
    bytes: '0a 1b 01 01 04 01 03 61 04 02 01',
    values: [object(['', 1], ['a', 2])],
  },
  {
    name: 'names of the language',
    bytes: '0a 0b 01 13 5f5f70726f746f5f5f 04 01 01',
    values: [object(['__proto__', 1])],
  },
  {
    name: 'objects of a class',
    bytes: '0a 0b 07 612e42 03 63 04 01 01 0a 01 01',
    values: [new Amf3TypedObject('a.B', object(['c', 1])), new Amf3TypedObject('a.B', object())],
  },
  { name: 'bytes', bytes: '0c 07 0001ff 0c 01', values: [Uint8Array.of(0, 1, 255), new Uint8Array(0)] },
  {
    name: 'vectors of numbers',
    bytes: '0d 05 00 00000001 ffffffff 0e 03 01 ffffffff 0f 03 00 3ff8000000000000',
    values: [
      new Amf3Vector('int', [1, -1]),
      new Amf3Vector('uint', [0xffffffff], true),
      new Amf3Vector('double', [1.5]),
    ],
  },
  {
    name: 'a vector of objects',
    bytes: '10 05 00 07 612e42 0a 0b 00 01 01',
    values: [new Amf3Vector('object', [new Amf3TypedObject('a.B', object()), null], false, 'a.B')],
  },
  {
    name: 'a dictionary',
    bytes: '11 05 01 06 03 61 04 01 0a 0b 01 01 02',
    values: [
      new Amf3Dictionary(
        [
          ['a', 1],
          [object(), false],
        ],
        true,
      ),
    ],
  },
]

/** Other ways to write a value, as clients do or might: decoded only, and seeds, too. */
const tolerantCases: readonly Case[] = [
  { name: 'an integer written long', bytes: '04 808001', values: [1] },
  { name: 'a whole number as a double', bytes: '05 3ff0000000000000', values: [1] },
  { name: 'malformed UTF-8', bytes: '06 05 61ff', values: ['a\ufffd'] },
  {
    name: 'sealed members, and others',
    bytes: '0a 2b 01 03 61 03 62 04 01 04 02 03 63 04 03 01',
    values: [object(['a', 1], ['b', 2], ['c', 3])],
  },
  {
    name: 'a class whose members are all sealed, and again',
    bytes: '0a 13 03 58 03 61 04 01 0a 01 04 02',
    values: [new Amf3TypedObject('X', object(['a', 1])), new Amf3TypedObject('X', object(['a', 2]))],
  },
  { name: 'a name given twice', bytes: '0a 0b 01 03 61 04 01 00 04 02 01', values: [object(['a', 2])] },
  { name: 'XML again', bytes: '0b 03 61 0b 00', values: [new Amf3Xml('a', false), new Amf3Xml('a', false)] },
  {
    name: 'an object counted before those in it',
    bytes: '09 03 01 09 03 01 01 09 02 09 00',
    values: [[[null]], [null], [[null]]],
  },
]

const malformedCases: readonly Readonly<{ name: string; bytes: string; message: RegExp }>[] = [
  { name: 'an unknown marker', bytes: '01 12', message: /marker 0x12 at offset 1 is unknown/ },
  { name: 'an integer cut short', bytes: '04 80', message: /need 1 bytes at offset 2/ },
  { name: 'a double cut short', bytes: '05 00', message: /need 8 bytes/ },
  { name: 'a string cut short', bytes: '06 05 61', message: /need 2 bytes/ },
  { name: 'a reference to no string', bytes: '06 00', message: /reference to string 0 at offset 1, have 0/ },
  { name: 'a reference to no object', bytes: '0a 02', message: /reference to object 1 at offset 0, have 0/ },
  { name: 'a reference to no traits', bytes: '0a 05', message: /reference to traits 1 at offset 0, have 0/ },
  { name: 'an array in itself', bytes: '09 03 01 09 00', message: /object 0, which contains it/ },
  { name: 'an object in itself', bytes: '0a 0b 01 03 61 0a 00 01', message: /object 0, which contains it/ },
  {
    name: 'an externalizable object',
    bytes: '0a 07 07 612e42',
    message: /offset 0 is externalizable \('a.B'\)/,
  },
  { name: 'an array of 2^28 elements cut short', bytes: '09 ffffffff 01', message: /need 1 bytes/ },
  { name: 'a vector of 2^28 elements cut short', bytes: '0d ffffffff 00', message: /need 4 bytes/ },
  { name: 'bytes cut short', bytes: '0c ffffffff', message: /need 268435455 bytes/ },
  { name: 'a dictionary cut short', bytes: '11 03 00 04 01', message: /need 1 bytes/ },
]

describe('decodeAmf3', () => {
  it.each([...canonicalCases, ...tolerantCases])('decodes $name', ({ bytes, values }) => {
    expectSame(decodeAmf3(hex(bytes)), values)
  })

  it.each(malformedCases)('refuses $name with a ProtocolError', ({ bytes, message }) => {
    expect(protocolErrorOf(() => decodeAmf3(hex(bytes)))?.message).toMatch(message)
  })

  it('yields the very object a reference points to', () => {
    const [first, second] = decodeAmf3(hex('0a 0b 01 01 0a 00'))
    expect(second).toBe(first)
  })

  it('holds no view into its input', () => {
    const bytes = hex('0c 05 0102')
    const [value] = decodeAmf3(bytes)
    bytes.fill(0)
    expect(value).toEqual(Uint8Array.of(1, 2))
  })

  it('lets a property named __proto__ change nothing else', () => {
    const [value] = decodeAmf3(hex('0a 0b 01 13 5f5f70726f746f5f5f 0a 01 03 78 03 01 01'))
    expect((value as Amf3Object).x).toBeUndefined()
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})

describe('Amf3Decoder', () => {
  it('takes one value, leaves the reader behind it, and keeps what references point to', () => {
    const reader = new ByteReader(hex('ff 06 03 61 09 03 01 06 00'), 1)
    const decoder = new Amf3Decoder(reader)
    expect(decoder.decode()).toEqual({ value: 'a', height: 0, values: 1, referencedBytes: 0 })
    expect(reader.offset).toBe(4)
    expect(decoder.decode()).toEqual({ value: ['a'], height: 1, values: 2, referencedBytes: 1 })
  })
})

describe('encodeAmf3', () => {
  it.each(canonicalCases)('encodes $name', ({ bytes, values }) => {
    expect(toHex(encodeAmf3(...values))).toBe(bytes.replaceAll(' ', ''))
  })

  it('refuses what AMF3 has no type for', () => {
    expect(() => encodeAmf3(10n as unknown as number)).toThrow(new TypeError('AMF3 has no bigint'))
    expect(() => encodeAmf3(new Map() as unknown as null)).toThrow(new TypeError('AMF3 has no Map'))
  })

  it('refuses cycles, and a value of an array named with nothing', () => {
    const cycle: Amf3Value[] = []
    cycle.push([cycle])
    expect(() => encodeAmf3(cycle)).toThrow(ProtocolError)
    expect(() => encodeAmf3(new Amf3NamedArray([], { '': 1 }))).toThrow(ProtocolError)
  })
})

describe('isAmf3Object', () => {
  it('is true for anonymous objects alone', () => {
    const others = [[], date, null, undefined, 'a', 1, true, Uint8Array.of(1), new Amf3Xml('', true)]
    expect([object(), {}, ...others].map(isAmf3Object)).toEqual([true, true, ...others.map(() => false)])
  })
})

describe('AMF3 properties', () => {
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'a', ''))
  const number = fc.oneof(fc.double(), fc.integer(), fc.integer({ min: -0x10000001, max: 0x10000001 }))
  const { value: anyValue } = fc.letrec<{ value: Amf3Value; properties: Amf3Object; leaf: Amf3Value }>(
    (tie) => ({
      properties: fc
        .array(fc.tuple(name, tie('value')), { maxLength: 4 })
        .map((entries) => object(...entries)),
      leaf: fc.oneof(
        number,
        fc.boolean(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom(null, undefined),
        fc.date({ noInvalidDate: false }),
        fc.uint8Array({ maxLength: 9 }),
        fc.tuple(fc.string({ unit: 'binary' }), fc.boolean()).map(([text, old]) => new Amf3Xml(text, old)),
      ),
      value: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.array(tie('value'), { maxLength: 4 }),
        tie('properties'),
        fc
          .tuple(fc.string({ minLength: 1 }), tie('properties'))
          .map(([className, properties]) => new Amf3TypedObject(className, properties)),
        fc
          .array(fc.integer({ min: -0x80000000, max: 0x7fffffff }), { maxLength: 4 })
          .map((elements) => new Amf3Vector('int', elements)),
        fc
          .array(fc.nat(0xffffffff), { maxLength: 4 })
          .map((elements) => new Amf3Vector('uint', elements, true)),
        fc
          .array(tie('value'), { maxLength: 4 })
          .map((elements) => new Amf3Vector('object', elements, true, '*')),
        fc
          .array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 })
          .map((entries) => new Amf3Dictionary(entries)),
      ),
    }),
  )
  const seeds = [...canonicalCases, ...tolerantCases, ...malformedCases]
    .map(({ bytes }) => hex(bytes))
    .filter(({ length }) => length > 0)
  /** A seed, or several joined, with a few bytes changed. */
  const nearlyAmf3 = fc
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
        expectSame(decodeAmf3(encodeAmf3(...values)), values)
      }),
      { numRuns: 300 },
    )
  })

  it('any bytes decode, and then encode and decode to the same values, or throw a ProtocolError', () => {
    let decoded = 0
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), nearlyAmf3), (bytes) => {
        let values: Amf3Value[]
        try {
          values = decodeAmf3(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          return
        }
        decoded++
        expectSame(decodeAmf3(encodeAmf3(...values)), values)
      }),
      { numRuns: 3000 },
    )
    expect(decoded).toBeGreaterThan(100)
  })
})
