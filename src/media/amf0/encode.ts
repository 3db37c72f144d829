import { LimitError } from '../../base/index.ts'
import { ByteWriter } from '../../bytes/index.ts'
import { Amf0Marker } from './marker.ts'
import {
  Amf0EcmaArray,
  type Amf0Object,
  type Amf0Value,
  isAmf0Object,
  MAX_AMF0_DEPTH,
  MAX_AMF0_NAME_BYTES,
} from './value.ts'

/**
 * Encodes values one after the other (Adobe AMF 0 specification), as the body of a command or data message.
 * The result belongs to the caller.
 *
 * @throws LimitError as `writeAmf0`
 */
export function encodeAmf0(...values: readonly Amf0Value[]): Uint8Array {
  const writer = new ByteWriter()
  for (const value of values) {
    writeAmf0(writer, value)
  }
  return writer.bytes()
}

/**
 * Appends one value. A string beyond 65535 bytes of UTF-8 becomes a long string; a property whose value is `undefined` is
 * written; an object met twice is written twice, never as a reference. Lone surrogates become U+FFFD.
 *
 * @throws LimitError for containers nested deeper than `MAX_AMF0_DEPTH` (so for cycles too) and for property names longer
 * than `MAX_AMF0_NAME_BYTES`; the writer then holds part of the value
 */
export function writeAmf0(writer: ByteWriter, value: Amf0Value): void {
  writeValue(writer, value, 0)
}

const utf8Encoder = new TextEncoder()

function writeValue(writer: ByteWriter, value: Amf0Value, depth: number): void {
  switch (typeof value) {
    case 'number':
      writer.writeUint8(Amf0Marker.number).writeFloat64(value)
      return
    case 'boolean':
      writer.writeUint8(Amf0Marker.boolean).writeUint8(value ? 1 : 0)
      return
    case 'string':
      writeString(writer, value)
      return
    case 'undefined':
      writer.writeUint8(Amf0Marker.undefined)
      return
    case 'object':
      writeObjectLike(writer, value, depth)
      return
    default:
      throw new TypeError(`AMF0 has no ${typeof value}`)
  }
}

function writeString(writer: ByteWriter, text: string): void {
  const utf8 = utf8Encoder.encode(text)
  if (utf8.length > 0xffff) {
    writer.writeUint8(Amf0Marker.longString).writeUint32(utf8.length)
  } else {
    writer.writeUint8(Amf0Marker.string).writeUint16(utf8.length)
  }
  writer.writeBytes(utf8)
}

function writeObjectLike(writer: ByteWriter, value: Amf0Value & (object | null), depth: number): void {
  if (value === null) {
    writer.writeUint8(Amf0Marker.null)
    return
  }
  if (value instanceof Date) {
    writer.writeUint8(Amf0Marker.date).writeFloat64(value.getTime()).writeUint16(0)
    return
  }
  if (depth >= MAX_AMF0_DEPTH) {
    throw new LimitError('MAX_AMF0_DEPTH', MAX_AMF0_DEPTH, depth + 1)
  }
  if (value instanceof Amf0EcmaArray) {
    const count = Object.keys(value.entries).length
    writer.writeUint8(Amf0Marker.ecmaArray).writeUint32(count)
    writeProperties(writer, value.entries, depth + 1)
    return
  }
  if (isAmf0Object(value)) {
    writer.writeUint8(Amf0Marker.object)
    writeProperties(writer, value, depth + 1)
    return
  }
  writer.writeUint8(Amf0Marker.strictArray).writeUint32(value.length)
  for (const element of value) {
    writeValue(writer, element, depth + 1)
  }
}

function writeProperties(writer: ByteWriter, properties: Amf0Object, depth: number): void {
  for (const [name, value] of Object.entries(properties)) {
    const utf8 = utf8Encoder.encode(name)
    if (utf8.length > MAX_AMF0_NAME_BYTES) {
      throw new LimitError('MAX_AMF0_NAME_BYTES', MAX_AMF0_NAME_BYTES, utf8.length)
    }
    writer.writeUint16(utf8.length).writeBytes(utf8)
    writeValue(writer, value, depth)
  }
  writer.writeUint16(0).writeUint8(Amf0Marker.objectEnd)
}
