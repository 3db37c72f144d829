import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'
import { Amf3Marker } from './marker.ts'
import {
  Amf3Dictionary,
  Amf3NamedArray,
  type Amf3Object,
  Amf3TypedObject,
  type Amf3Value,
  Amf3Vector,
  type Amf3VectorType,
  Amf3Xml,
  MAX_AMF3_DEPTH,
  MAX_AMF3_REFERENCED_BYTES,
  MAX_AMF3_VALUES,
} from './value.ts'

/** A decoded value, with what it counts against the limits. */
export type MeasuredAmf3Value = Readonly<{
  /** The value. */
  value: Amf3Value
  /** Containers on its deepest path, itself included. */
  height: number
  /** Values in it, itself included. */
  values: number
  /** Bytes that references in it repeat. */
  referencedBytes: number
}>

/**
 * Decodes all values of a message (Adobe AMF 3 specification). The result holds no view into `bytes`.
 * @throws ProtocolError as `Amf3Decoder.decode`
 */
export function decodeAmf3(bytes: Uint8Array): Amf3Value[] {
  const reader = new ByteReader(bytes)
  const decoder = new Amf3Decoder(reader)
  const values: Amf3Value[] = []
  while (reader.remaining > 0) {
    values.push(decoder.decode().value)
  }
  return values
}

/** What an object reference can point to. */
type ComplexValue = Readonly<{ value: Amf3Value; height: number; values: number; bytes: number }>

/** A class, or none, as described by the first object of it. */
type Traits = Readonly<{ className: string; names: readonly string[]; isDynamic: boolean; bytes: number }>

/**
 * Decodes values one after the other. What references point to is kept from one value to the next: within a message they
 * share their tables.
 */
export class Amf3Decoder {
  readonly #reader: ByteReader
  readonly #strings: { text: string; bytes: number }[] = []
  /** In the order of their markers, as references count them; null while one is still being decoded. */
  readonly #complexValues: (ComplexValue | null)[] = []
  readonly #traits: Traits[] = []
  #values = 0
  #referencedBytes = 0
  /** Containers around the current position. */
  #depth = 0
  /** Largest depth reached inside the innermost container. */
  #deepest = 0

  /** @param reader moved behind each value that is decoded */
  constructor(reader: ByteReader) {
    this.#reader = reader
  }

  /**
   * Decodes the value at the reader's position.
   * @throws ProtocolError for malformed bytes, externalizable objects (only their class knows how long they are), and
   * references to what does not exist or is not complete, so for cycles; `LimitError` beyond any of the `MAX_AMF3_` limits
   */
  decode(): MeasuredAmf3Value {
    const values = this.#values
    const referencedBytes = this.#referencedBytes
    this.#deepest = 0
    const value = this.#decodeValue()
    return {
      value,
      height: this.#deepest,
      values: this.#values - values,
      referencedBytes: this.#referencedBytes - referencedBytes,
    }
  }

  #decodeValue(): Amf3Value {
    this.#countValues(1)
    const at = this.#reader.offset
    const marker = this.#reader.readUint8()
    switch (marker) {
      case Amf3Marker.undefined:
        return undefined
      case Amf3Marker.null:
        return null
      case Amf3Marker.false:
        return false
      case Amf3Marker.true:
        return true
      case Amf3Marker.integer: {
        const value = this.#readU29()
        return value >= 0x10000000 ? value - 0x20000000 : value
      }
      case Amf3Marker.double:
        return this.#reader.readFloat64()
      case Amf3Marker.string:
        return this.#decodeString()
      default:
        return this.#decodeComplexValue(marker, at)
    }
  }

  /** An unsigned integer of 29 bits in one to four bytes (1.3.1). */
  #readU29(): number {
    let value = 0
    for (let i = 0; i < 3; i++) {
      const byte = this.#reader.readUint8()
      value = value * 0x80 + (byte % 0x80)
      if (byte < 0x80) {
        return value
      }
    }
    return value * 0x100 + this.#reader.readUint8()
  }

  /** A string, which may be a reference to an earlier one (1.3.2). */
  #decodeString(): string {
    const at = this.#reader.offset
    const header = this.#readU29()
    if (header % 2 === 0) {
      const known = this.#strings[header / 2]
      if (known === undefined) {
        throw new ProtocolError(
          `AMF3 reference to string ${header / 2} at offset ${at}, have ${this.#strings.length}`,
        )
      }
      this.#countReferencedBytes(known.bytes)
      return known.text
    }
    const bytes = (header - 1) / 2
    const text = this.#reader.readUtf8(bytes)
    if (bytes > 0) {
      this.#strings.push({ text, bytes })
    }
    return text
  }

  #decodeComplexValue(marker: number, at: number): Amf3Value {
    if (marker > Amf3Marker.dictionary) {
      throw new ProtocolError(`AMF3 marker 0x${marker.toString(16)} at offset ${at} is unknown`)
    }
    const header = this.#readU29()
    if (header % 2 === 0) {
      return this.#resolveReference(header / 2, at)
    }
    const index = this.#complexValues.push(null) - 1
    const outerDeepest = this.#deepest
    const valuesBefore = this.#values - 1
    const bytesBefore = at + this.#referencedBytes
    const isContainer = !LEAVES.has(marker)
    this.#depth += isContainer ? 1 : 0
    this.#deepest = this.#depth
    checkDepth(this.#depth)

    const value = this.#decodeBody(marker, (header - 1) / 2, at)

    this.#depth -= isContainer ? 1 : 0
    this.#complexValues[index] = {
      value,
      height: this.#deepest - this.#depth,
      values: this.#values - valuesBefore,
      bytes: this.#reader.offset + this.#referencedBytes - bytesBefore,
    }
    this.#deepest = Math.max(this.#deepest, outerDeepest)
    return value
  }

  /** @param header what follows the bit that says it is no reference: a length, a count, or the flags of traits */
  #decodeBody(marker: number, header: number, at: number): Amf3Value {
    switch (marker) {
      case Amf3Marker.date:
        return new Date(this.#reader.readFloat64())
      case Amf3Marker.xmlDocument:
        return new Amf3Xml(this.#reader.readUtf8(header), true)
      case Amf3Marker.xml:
        return new Amf3Xml(this.#reader.readUtf8(header), false)
      case Amf3Marker.byteArray:
        return Uint8Array.from(this.#reader.readBytes(header))
      case Amf3Marker.array:
        return this.#decodeArray(header)
      case Amf3Marker.object:
        return this.#decodeObject(header, at)
      case Amf3Marker.vectorInt:
        return this.#decodeVector('int', header, () => toInt32(this.#reader.readUint32()))
      case Amf3Marker.vectorUint:
        return this.#decodeVector('uint', header, () => this.#reader.readUint32())
      case Amf3Marker.vectorDouble:
        return this.#decodeVector('double', header, () => this.#reader.readFloat64())
      case Amf3Marker.vectorObject:
        return this.#decodeObjectVector(header)
      default:
        return this.#decodeDictionary(header)
    }
  }

  #decodeArray(count: number): Amf3Value {
    const entries = this.#decodeDynamicMembers()
    const elements = this.#decodeElements(count)
    return Object.keys(entries).length === 0 ? elements : new Amf3NamedArray(elements, entries)
  }

  /** Grows with what was really decoded: the declared count may be anything. */
  #decodeElements(count: number): Amf3Value[] {
    const elements: Amf3Value[] = []
    while (elements.length < count) {
      elements.push(this.#decodeValue())
    }
    return elements
  }

  /** Names and values up to an empty name. */
  #decodeDynamicMembers(properties: Record<string, Amf3Value> = Object.create(null)): Amf3Object {
    for (let name = this.#decodeString(); name !== ''; name = this.#decodeString()) {
      properties[name] = this.#decodeValue()
    }
    return properties
  }

  #decodeObject(header: number, at: number): Amf3Value {
    const { className, names, isDynamic } = this.#decodeTraits(header, at)
    const properties: Record<string, Amf3Value> = Object.create(null)
    for (const name of names) {
      properties[name] = this.#decodeValue()
    }
    if (isDynamic) {
      this.#decodeDynamicMembers(properties)
    }
    return className === '' ? properties : new Amf3TypedObject(className, properties)
  }

  /** The class of an object: described here, or a reference to an earlier description (3.12). */
  #decodeTraits(header: number, at: number): Traits {
    if (header % 2 === 0) {
      const known = this.#traits[header / 2]
      if (known === undefined) {
        throw new ProtocolError(
          `AMF3 reference to traits ${header / 2} at offset ${at}, have ${this.#traits.length}`,
        )
      }
      this.#countReferencedBytes(known.bytes)
      return known
    }
    const flags = (header - 1) / 2
    const bytesBefore = this.#reader.offset + this.#referencedBytes
    const className = this.#decodeString()
    if (flags % 2 === 1) {
      throw new ProtocolError(
        `AMF3 object at offset ${at} is externalizable ('${className}'): only its class can read it`,
      )
    }
    const isDynamic = flags % 4 >= 2
    const count = Math.floor(flags / 4)
    const names: string[] = []
    while (names.length < count) {
      this.#countValues(1)
      names.push(this.#decodeString())
    }
    const bytes = this.#reader.offset + this.#referencedBytes - bytesBefore
    const traits = { className, names, isDynamic, bytes }
    this.#traits.push(traits)
    return traits
  }

  #decodeVector(type: Amf3VectorType, count: number, readElement: () => number): Amf3Vector {
    const isFixed = this.#reader.readUint8() !== 0
    const elements: number[] = []
    while (elements.length < count) {
      this.#countValues(1)
      elements.push(readElement())
    }
    return new Amf3Vector(type, elements, isFixed)
  }

  #decodeObjectVector(count: number): Amf3Vector {
    const isFixed = this.#reader.readUint8() !== 0
    const className = this.#decodeString()
    return new Amf3Vector('object', this.#decodeElements(count), isFixed, className)
  }

  #decodeDictionary(count: number): Amf3Dictionary {
    const hasWeakKeys = this.#reader.readUint8() !== 0
    const entries: [Amf3Value, Amf3Value][] = []
    while (entries.length < count) {
      const key = this.#decodeValue()
      entries.push([key, this.#decodeValue()])
    }
    return new Amf3Dictionary(entries, hasWeakKeys)
  }

  #resolveReference(index: number, at: number): Amf3Value {
    const target = this.#complexValues[index]
    if (target === undefined) {
      throw new ProtocolError(
        `AMF3 reference to object ${index} at offset ${at}, have ${this.#complexValues.length}`,
      )
    }
    if (target === null) {
      throw new ProtocolError(`AMF3 reference at offset ${at} to object ${index}, which contains it`)
    }
    // Limits hold as if the value stood here, so that whoever walks the result meets a tree of bounded size.
    this.#countValues(target.values - 1)
    checkDepth(this.#depth + target.height)
    this.#deepest = Math.max(this.#deepest, this.#depth + target.height)
    this.#countReferencedBytes(target.bytes)
    return target.value
  }

  #countValues(count: number): void {
    this.#values += count
    if (this.#values > MAX_AMF3_VALUES) {
      throw new LimitError('MAX_AMF3_VALUES', MAX_AMF3_VALUES, this.#values)
    }
  }

  #countReferencedBytes(bytes: number): void {
    this.#referencedBytes += bytes
    if (this.#referencedBytes > MAX_AMF3_REFERENCED_BYTES) {
      throw new LimitError('MAX_AMF3_REFERENCED_BYTES', MAX_AMF3_REFERENCED_BYTES, this.#referencedBytes)
    }
  }
}

/** Complex values that contain no others. */
const LEAVES: ReadonlySet<number> = new Set([
  Amf3Marker.date,
  Amf3Marker.xmlDocument,
  Amf3Marker.xml,
  Amf3Marker.byteArray,
])

function toInt32(value: number): number {
  return value >= 0x80000000 ? value - 0x100000000 : value
}

function checkDepth(depth: number): void {
  if (depth > MAX_AMF3_DEPTH) {
    throw new LimitError('MAX_AMF3_DEPTH', MAX_AMF3_DEPTH, depth)
  }
}
