import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteWriter } from '../../bytes/index.ts'
import { Amf3Marker } from './marker.ts'
import {
  Amf3Dictionary,
  Amf3NamedArray,
  type Amf3Object,
  Amf3TypedObject,
  type Amf3Value,
  Amf3Vector,
  Amf3Xml,
  isAmf3Object,
  MAX_AMF3_DEPTH,
  MAX_AMF3_LENGTH,
} from './value.ts'

/**
 * Encodes values one after the other (Adobe AMF 3 specification). Integers of 29 bits are written as such, other numbers
 * as doubles; strings and objects met again become references. The result belongs to the caller.
 *
 * @throws LimitError for containers nested deeper than `MAX_AMF3_DEPTH` and for what is longer than `MAX_AMF3_LENGTH`;
 * ProtocolError for an object that contains itself, and for an array with a value named ''
 */
export function encodeAmf3(...values: readonly Amf3Value[]): Uint8Array {
  const writer = new ByteWriter()
  const encoder = new Amf3Encoder(writer)
  for (const value of values) {
    encoder.encode(value)
  }
  return writer.bytes()
}

const utf8Encoder = new TextEncoder()

const MIN_INTEGER = -0x10000000
const MAX_INTEGER = 0xfffffff

/** The tables are those of one message: a decoder that reads all its values keeps the same ones. */
class Amf3Encoder {
  readonly #writer: ByteWriter
  readonly #strings = new Map<string, number>()
  readonly #complexValues = new Map<object, number>()
  readonly #traits = new Map<string, number>()
  /** What is being written, from the outermost in. */
  readonly #open = new Set<object>()

  constructor(writer: ByteWriter) {
    this.#writer = writer
  }

  encode(value: Amf3Value): void {
    switch (typeof value) {
      case 'undefined':
        this.#writer.writeUint8(Amf3Marker.undefined)
        return
      case 'boolean':
        this.#writer.writeUint8(value ? Amf3Marker.true : Amf3Marker.false)
        return
      case 'number':
        this.#encodeNumber(value)
        return
      case 'string':
        this.#writer.writeUint8(Amf3Marker.string)
        this.#writeString(value)
        return
      case 'object':
        if (value === null) {
          this.#writer.writeUint8(Amf3Marker.null)
        } else {
          this.#encodeComplexValue(value)
        }
        return
      default:
        throw new TypeError(`AMF3 has no ${typeof value}`)
    }
  }

  #encodeNumber(value: number): void {
    const isInteger = Number.isInteger(value) && value >= MIN_INTEGER && value <= MAX_INTEGER
    if (isInteger && !Object.is(value, -0)) {
      this.#writer.writeUint8(Amf3Marker.integer)
      this.#writeU29(value < 0 ? value + 0x20000000 : value)
    } else {
      this.#writer.writeUint8(Amf3Marker.double).writeFloat64(value)
    }
  }

  #encodeComplexValue(value: Amf3Value & object): void {
    this.#writer.writeUint8(markerOf(value))
    const known = this.#complexValues.get(value)
    if (this.#open.has(value)) {
      throw new ProtocolError('AMF3: an object contains itself, which no reader would take')
    }
    if (known !== undefined) {
      this.#writeU29(known * 2)
      return
    }
    this.#complexValues.set(value, this.#complexValues.size)
    this.#open.add(value)
    if (this.#open.size > MAX_AMF3_DEPTH && !isLeaf(value)) {
      throw new LimitError('MAX_AMF3_DEPTH', MAX_AMF3_DEPTH, this.#open.size)
    }
    this.#encodeBody(value)
    this.#open.delete(value)
  }

  #encodeBody(value: Amf3Value & object): void {
    if (value instanceof Date) {
      this.#writeLength(0)
      this.#writer.writeFloat64(value.getTime())
    } else if (value instanceof Uint8Array) {
      this.#writeLength(value.length)
      this.#writer.writeBytes(value)
    } else if (value instanceof Amf3Xml) {
      const utf8 = utf8Encoder.encode(value.text)
      this.#writeLength(utf8.length)
      this.#writer.writeBytes(utf8)
    } else if (value instanceof Amf3NamedArray) {
      this.#encodeArray(value.elements, value.entries)
    } else if (value instanceof Amf3Vector) {
      this.#encodeVector(value)
    } else if (value instanceof Amf3Dictionary) {
      this.#encodeDictionary(value)
    } else if (value instanceof Amf3TypedObject) {
      this.#encodeObject(value.className, value.properties)
    } else if (isAmf3Object(value)) {
      this.#encodeObject('', value)
    } else if (Array.isArray(value)) {
      this.#encodeArray(value, {})
    } else {
      throw new TypeError(`AMF3 has no ${value.constructor.name}`)
    }
  }

  #encodeArray(elements: readonly Amf3Value[], entries: Amf3Object): void {
    this.#writeLength(elements.length)
    this.#writeDynamicMembers(Object.entries(entries))
    for (const element of elements) {
      this.encode(element)
    }
  }

  /** As members of a dynamic class. A name '' would end those: it, and what comes before it, is sealed. */
  #encodeObject(className: string, properties: Amf3Object): void {
    const members = Object.entries(properties)
    const sealed = members.slice(0, members.findIndex(([name]) => name === '') + 1)
    this.#writeTraits(
      className,
      sealed.map(([name]) => name),
    )
    for (const [, value] of sealed) {
      this.encode(value)
    }
    this.#writeDynamicMembers(members.slice(sealed.length))
  }

  #writeTraits(className: string, sealedNames: readonly string[]): void {
    const key = JSON.stringify([className, ...sealedNames])
    const known = this.#traits.get(key)
    if (known !== undefined) {
      this.#writeU29(known * 4 + 1)
      return
    }
    this.#traits.set(key, this.#traits.size)
    // Bits: no reference, traits follow, not externalizable, dynamic; then the count of sealed members.
    this.#writeU29(0b1011 + sealedNames.length * 16)
    this.#writeString(className)
    for (const name of sealedNames) {
      this.#writeString(name)
    }
  }

  #writeDynamicMembers(members: readonly [string, Amf3Value][]): void {
    for (const [name, value] of members) {
      if (name === '') {
        throw new ProtocolError("AMF3: a value of an array can't be named ''")
      }
      this.#writeString(name)
      this.encode(value)
    }
    this.#writeString('')
  }

  #encodeVector({ type, elements, isFixed, className }: Amf3Vector): void {
    this.#writeLength(elements.length)
    this.#writer.writeUint8(isFixed ? 1 : 0)
    if (type === 'object') {
      this.#writeString(className)
      for (const element of elements) {
        this.encode(element)
      }
      return
    }
    for (const element of elements) {
      const number = Number(element)
      if (type === 'double') {
        this.#writer.writeFloat64(number)
      } else {
        this.#writer.writeUint32(number < 0 ? number + 0x100000000 : number)
      }
    }
  }

  #encodeDictionary({ entries, hasWeakKeys }: Amf3Dictionary): void {
    this.#writeLength(entries.length)
    this.#writer.writeUint8(hasWeakKeys ? 1 : 0)
    for (const [key, value] of entries) {
      this.encode(key)
      this.encode(value)
    }
  }

  #writeString(text: string): void {
    const known = this.#strings.get(text)
    if (known !== undefined) {
      this.#writeU29(known * 2)
      return
    }
    if (text !== '') {
      this.#strings.set(text, this.#strings.size)
    }
    const utf8 = utf8Encoder.encode(text)
    this.#writeLength(utf8.length)
    this.#writer.writeBytes(utf8)
  }

  /** A length or a count, with the bit that says that no reference is meant. */
  #writeLength(length: number): void {
    if (length > MAX_AMF3_LENGTH) {
      throw new LimitError('MAX_AMF3_LENGTH', MAX_AMF3_LENGTH, length)
    }
    this.#writeU29(length * 2 + 1)
  }

  #writeU29(value: number): void {
    const writer = this.#writer
    if (value >= 0x200000) {
      writer.writeUint8(0x80 | (value >>> 22)).writeUint8(0x80 | ((value >>> 15) & 0x7f))
      writer.writeUint8(0x80 | ((value >>> 8) & 0x7f)).writeUint8(value & 0xff)
      return
    }
    if (value >= 0x4000) {
      writer.writeUint8(0x80 | (value >>> 14))
    }
    if (value >= 0x80) {
      writer.writeUint8(0x80 | ((value >>> 7) & 0x7f))
    }
    writer.writeUint8(value & 0x7f)
  }
}

const VECTOR_MARKERS = {
  int: Amf3Marker.vectorInt,
  uint: Amf3Marker.vectorUint,
  double: Amf3Marker.vectorDouble,
  object: Amf3Marker.vectorObject,
} as const

function markerOf(value: Amf3Value & object): number {
  if (value instanceof Date) {
    return Amf3Marker.date
  }
  if (value instanceof Uint8Array) {
    return Amf3Marker.byteArray
  }
  if (value instanceof Amf3Xml) {
    return value.isDocument ? Amf3Marker.xmlDocument : Amf3Marker.xml
  }
  if (value instanceof Amf3Vector) {
    return VECTOR_MARKERS[value.type]
  }
  if (value instanceof Amf3Dictionary) {
    return Amf3Marker.dictionary
  }
  return value instanceof Amf3NamedArray || Array.isArray(value) ? Amf3Marker.array : Amf3Marker.object
}

function isLeaf(value: object): boolean {
  return value instanceof Date || value instanceof Uint8Array || value instanceof Amf3Xml
}
