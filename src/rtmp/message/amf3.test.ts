import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import {
  Amf0EcmaArray,
  type Amf0Value,
  Amf3Dictionary,
  Amf3NamedArray,
  Amf3TypedObject,
  type Amf3Value,
  Amf3Vector,
  Amf3Xml,
  decodeAmf0,
  encodeAmf0,
  encodeAmf3,
} from '../../media/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import { amf0DataBody, amf0FromAmf3, decodeMessageValues } from './amf3.ts'
import { decodeCommand } from './command.ts'

const AVM_PLUS = Uint8Array.of(0x11)

function message(type: number, ...parts: readonly Uint8Array[]): Message {
  return { type, streamId: 1, timestamp: 0, chunkStreamId: 3, payload: Uint8Array.from(Buffer.concat(parts)) }
}

describe('amf0FromAmf3', () => {
  it.each<[name: string, value: Amf3Value, expected: Amf0Value]>([
    ['simple values', [undefined, null, true, 1, 1.5, 'a'], [undefined, null, true, 1, 1.5, 'a']],
    ['dates', new Date(5), new Date(5)],
    ['XML', new Amf3Xml('<a/>', true), '<a/>'],
    ['bytes', Uint8Array.of(1), undefined],
    ['objects', { a: { b: [1] } }, { a: { b: [1] } }],
    ['objects of a class', new Amf3TypedObject('X', { a: 1 }), { a: 1 }],
    ['arrays with names', new Amf3NamedArray(['x'], { a: 1 }), new Amf0EcmaArray({ 0: 'x', a: 1 })],
    ['vectors', new Amf3Vector('object', [{ a: 1 }]), [{ a: 1 }]],
    [
      'dictionaries',
      new Amf3Dictionary([
        ['a', 1],
        [2, 'b'],
        [{}, 3],
      ]),
      { 2: 'b', a: 1 },
    ],
  ])('says what it can of %s', (_name, value, expected) => {
    expect(decodeAmf0(encodeAmf0(amf0FromAmf3(value)))).toEqual(decodeAmf0(encodeAmf0(expected)))
  })
})

describe('decodeMessageValues', () => {
  const name = encodeAmf0('connect', 1)
  const object = encodeAmf3({ app: 'live', objectEncoding: 3 })
  const expected = ['connect', 1, { app: 'live', objectEncoding: 3 }]

  it.each([
    [
      'AMF0 in an AMF0 command',
      message(MessageType.commandAmf0, encodeAmf0('connect', 1, { app: 'live', objectEncoding: 3 })),
    ],
    ['AMF3 values in an AMF0 command', message(MessageType.commandAmf0, name, AVM_PLUS, object)],
    [
      'AMF3 values behind the zero byte',
      message(MessageType.commandAmf3, Uint8Array.of(0), name, AVM_PLUS, object),
    ],
    ['an AMF3 command without the zero byte', message(MessageType.commandAmf3, name, AVM_PLUS, object)],
  ])('reads %s', (_name, each) => {
    expect(
      decodeMessageValues(each).map((value) => (typeof value === 'object' ? { ...value } : value)),
    ).toEqual(expected)
    expect(decodeCommand(each)).toMatchObject({ name: 'connect', object: { app: 'live' } })
  })

  it('lets the AMF3 values of a message share their references', () => {
    const [first, second] = [encodeAmf3('shared'), Uint8Array.of(0x06, 0x00)]
    expect(decodeMessageValues(message(MessageType.commandAmf0, AVM_PLUS, first, AVM_PLUS, second))).toEqual([
      'shared',
      'shared',
    ])
  })

  it('holds AMF3 values to the limits of what stands around them', () => {
    const deep = Buffer.concat([...Array(20).fill(Buffer.from('0a00000001', 'hex')), AVM_PLUS])
    const nested = Buffer.from(`${'090301'.repeat(20)}01`, 'hex')
    expect(() => decodeMessageValues(message(MessageType.commandAmf0, deep, nested))).toThrow(
      'MAX_AMF0_DEPTH',
    )
  })

  it('reads any bytes or throws a ProtocolError', () => {
    const seed = Buffer.concat([name, AVM_PLUS, object])
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const bytes = Uint8Array.from(seed)
        for (const [at, byte] of changes) {
          bytes[at] = byte
        }
        try {
          decodeMessageValues(message(MessageType.commandAmf3, bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('amf0DataBody', () => {
  const body = encodeAmf0('onTextData', { text: 'a' })

  it('is the payload itself where that is AMF0, without the zero byte of type 15', () => {
    expect(amf0DataBody(message(MessageType.dataAmf0, body))).toEqual(body)
    expect(amf0DataBody(message(MessageType.dataAmf3, Uint8Array.of(0), body))).toEqual(body)
    const plain = message(MessageType.dataAmf3, body)
    expect(amf0DataBody(plain)).toBe(plain.payload)
  })

  it('is written anew where there are AMF3 values in it', () => {
    const mixed = message(
      MessageType.dataAmf3,
      Uint8Array.of(0),
      encodeAmf0('onTextData'),
      AVM_PLUS,
      encodeAmf3({ text: 'a' }),
    )
    expect(amf0DataBody(mixed)).toEqual(body)
  })

  it('is refused where these are broken', () => {
    expect(() => amf0DataBody(message(MessageType.dataAmf0, AVM_PLUS, Uint8Array.of(0x12)))).toThrow(
      ProtocolError,
    )
  })
})
