import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'
import { Amf0Marker } from './marker.ts'
import {
  Amf0EcmaArray,
  type Amf0Object,
  type Amf0Value,
  MAX_AMF0_DEPTH,
  MAX_AMF0_NAME_BYTES,
  MAX_AMF0_REFERENCED_BYTES,
  MAX_AMF0_VALUES,
} from './value.ts'

/**
 * Decodes the AMF3 value at the reader's position, and leaves the reader behind it.
 * @returns the value in terms of AMF0, and what it counts against the limits of AMF0
 */
export type AvmPlusDecoder = (reader: ByteReader) => Readonly<{
  /** The value. */
  value: Amf0Value
  /** Containers on its deepest path, itself included. */
  height: number
  /** Values in it, itself included. */
  values: number
  /** Bytes that references in it repeat. */
  referencedBytes: number
}>

/**
 * Decodes all values of a message (Adobe AMF 0 specification). References may point to any complex value before them in
 * the message and yield that same JavaScript object. The result holds no view into `bytes`.
 *
 * @param decodeAvmPlus reads what stands behind an AVM+ (AMF3) marker. Default: there may be none
 * @throws ProtocolError for malformed bytes, AVM+ values that nobody reads, recordset and movieclip values, and references to a value that
 * does not exist or is not complete; `LimitError` beyond any of the `MAX_AMF0_` limits
 */
export function decodeAmf0(bytes: Uint8Array, decodeAvmPlus: AvmPlusDecoder | null = null): Amf0Value[] {
  const reader = new ByteReader(bytes)
  const decoder = new Amf0Decoder(reader, decodeAvmPlus)
  const values: Amf0Value[] = []
  while (reader.remaining > 0) {
    values.push(decoder.decodeValue())
  }
  return values
}

/**
 * Decodes the one value at the reader's position and leaves the reader behind it. A reference may only point to a value
 * inside this one.
 *
 * @throws ProtocolError as `decodeAmf0`; the reader's position is then undefined
 */
export function decodeAmf0Value(reader: ByteReader): Amf0Value {
  return new Amf0Decoder(reader, null).decodeValue()
}

/** What a reference can point to, with what it counts against the limits each time it is repeated. */
type ComplexValue = Readonly<{
  value: Amf0Object | Amf0EcmaArray | Amf0Value[]
  /** Containers on its deepest path, itself included. */
  height: number
  /** Values in it, itself included. */
  values: number
  /** Its size when all references are written out. */
  bytes: number
}>

class Amf0Decoder {
  readonly #reader: ByteReader
  readonly #decodeAvmPlus: AvmPlusDecoder | null
  /** In the order of their markers, as references count them (2.9); null while one is still being decoded. */
  readonly #complexValues: (ComplexValue | null)[] = []
  #values = 0
  #referencedBytes = 0
  /** Containers around the current position. */
  #depth = 0
  /** Largest depth reached inside the innermost container. */
  #deepest = 0

  constructor(reader: ByteReader, decodeAvmPlus: AvmPlusDecoder | null) {
    this.#reader = reader
    this.#decodeAvmPlus = decodeAvmPlus
  }

  decodeValue(): Amf0Value {
    this.#countValues(1)
    const at = this.#reader.offset
    const marker = this.#reader.readUint8()
    switch (marker) {
      case Amf0Marker.number:
        return this.#reader.readFloat64()
      case Amf0Marker.boolean:
        return this.#reader.readUint8() !== 0
      case Amf0Marker.string:
        return this.#reader.readUtf8(this.#reader.readUint16())
      case Amf0Marker.longString:
      case Amf0Marker.xmlDocument:
        return this.#reader.readUtf8(this.#reader.readUint32())
      case Amf0Marker.null:
        return null
      case Amf0Marker.undefined:
      case Amf0Marker.unsupported:
        return undefined
      case Amf0Marker.date:
        return this.#decodeDate()
      case Amf0Marker.object:
      case Amf0Marker.typedObject:
      case Amf0Marker.ecmaArray:
      case Amf0Marker.strictArray:
        return this.#decodeComplexValue(marker)
      case Amf0Marker.reference:
        return this.#resolveReference(at)
      case Amf0Marker.objectEnd:
        throw new ProtocolError(`AMF0 object end at offset ${at}, where a value should be`)
      case Amf0Marker.avmPlusObject:
        return this.#decodeAvmPlusValue(at)
      case Amf0Marker.movieClip:
      case Amf0Marker.recordset:
        throw new ProtocolError(
          `AMF0 ${marker === Amf0Marker.movieClip ? 'movieclip' : 'recordset'} at offset ${at}: the type is reserved and not supported`,
        )
      default:
        throw new ProtocolError(`AMF0 marker 0x${marker.toString(16)} at offset ${at} is unknown`)
    }
  }

  #decodeAvmPlusValue(at: number): Amf0Value {
    if (this.#decodeAvmPlus === null) {
      throw new ProtocolError(`AMF0 value at offset ${at} switches to AVM+ (AMF3), which is not supported`)
    }
    const { value, height, values, referencedBytes } = this.#decodeAvmPlus(this.#reader)
    this.#countInside(values, height, referencedBytes)
    return value
  }

  #decodeDate(): Date {
    const date = new Date(this.#reader.readFloat64())
    this.#reader.skip(2) // time-zone: reserved, to be ignored (2.13)
    return date
  }

  #decodeComplexValue(marker: number): ComplexValue['value'] {
    const index = this.#complexValues.push(null) - 1
    const outerDeepest = this.#deepest
    const valuesBefore = this.#values - 1
    const bytesBefore = this.#reader.offset - 1 + this.#referencedBytes
    this.#depth++
    this.#deepest = this.#depth
    checkDepth(this.#depth)

    const value = this.#decodeComplexBody(marker)

    this.#complexValues[index] = {
      value,
      height: this.#deepest - this.#depth + 1,
      values: this.#values - valuesBefore,
      bytes: this.#reader.offset + this.#referencedBytes - bytesBefore,
    }
    this.#depth--
    this.#deepest = Math.max(this.#deepest, outerDeepest)
    return value
  }

  #decodeComplexBody(marker: number): ComplexValue['value'] {
    switch (marker) {
      case Amf0Marker.strictArray:
        return this.#decodeElements()
      case Amf0Marker.ecmaArray:
        this.#reader.skip(4) // associative-count: encoders write 0 or an estimate, so only the end marker counts
        return new Amf0EcmaArray(this.#decodeProperties())
      case Amf0Marker.typedObject:
        this.#reader.skip(this.#reader.readUint16()) // class-name
        return this.#decodeProperties()
      default:
        return this.#decodeProperties()
    }
  }

  /** Grows with what was really decoded: the declared count may be anything. */
  #decodeElements(): Amf0Value[] {
    const count = this.#reader.readUint32()
    const elements: Amf0Value[] = []
    while (elements.length < count) {
      elements.push(this.decodeValue())
    }
    return elements
  }

  #decodeProperties(): Amf0Object {
    const properties: Record<string, Amf0Value> = Object.create(null)
    // Some encoders leave out the end marker where the message ends with it; SRS takes that from arrays and objects.
    while (this.#reader.remaining > 0) {
      const name = this.#decodeName()
      if (name === '' && this.#reader.peekUint8() === Amf0Marker.objectEnd) {
        this.#reader.skip(1)
        break
      }
      properties[name] = this.decodeValue()
    }
    return properties
  }

  #decodeName(): string {
    const name = this.#reader.readUtf8(this.#reader.readUint16())
    const bytes = Buffer.byteLength(name)
    if (bytes > MAX_AMF0_NAME_BYTES) {
      throw new LimitError('MAX_AMF0_NAME_BYTES', MAX_AMF0_NAME_BYTES, bytes)
    }
    return name
  }

  #resolveReference(at: number): ComplexValue['value'] {
    const index = this.#reader.readUint16()
    const target = this.#complexValues[index]
    if (target === undefined) {
      throw new ProtocolError(
        `AMF0 reference to complex value ${index} at offset ${at}, have ${this.#complexValues.length}`,
      )
    }
    if (target === null) {
      throw new ProtocolError(`AMF0 reference at offset ${at} to complex value ${index}, which contains it`)
    }
    this.#countInside(target.values, target.height, target.bytes)
    return target.value
  }

  /** Limits hold as if the value stood here, so that whoever walks the result meets a tree of bounded size. */
  #countInside(values: number, height: number, referencedBytes: number): void {
    this.#countValues(values - 1)
    checkDepth(this.#depth + height)
    this.#deepest = Math.max(this.#deepest, this.#depth + height)
    this.#referencedBytes += referencedBytes
    if (this.#referencedBytes > MAX_AMF0_REFERENCED_BYTES) {
      throw new LimitError('MAX_AMF0_REFERENCED_BYTES', MAX_AMF0_REFERENCED_BYTES, this.#referencedBytes)
    }
  }

  #countValues(count: number): void {
    this.#values += count
    if (this.#values > MAX_AMF0_VALUES) {
      throw new LimitError('MAX_AMF0_VALUES', MAX_AMF0_VALUES, this.#values)
    }
  }
}

function checkDepth(depth: number): void {
  if (depth > MAX_AMF0_DEPTH) {
    throw new LimitError('MAX_AMF0_DEPTH', MAX_AMF0_DEPTH, depth)
  }
}
