import type { ByteReader } from '../../bytes/index.ts'
import {
  Amf0EcmaArray,
  type Amf0Object,
  type Amf0Value,
  Amf3Decoder,
  Amf3Dictionary,
  Amf3NamedArray,
  type Amf3Object,
  Amf3TypedObject,
  type Amf3Value,
  Amf3Vector,
  Amf3Xml,
  type AvmPlusDecoder,
  decodeAmf0,
  encodeAmf0,
  isAmf3Object,
} from '../../media/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'

/**
 * Decodes the values of a command or data message: AMF0, in which single values may be AMF3 behind the avmplus marker. In
 * the field AMF3 messages (types 15 and 17) are the same behind one zero byte.
 * @throws ProtocolError for malformed bytes, or beyond a limit
 */
export function decodeMessageValues(message: Message): Amf0Value[] {
  return decodeAmf0(withoutFormatByte(message), avmPlusDecoder())
}

/**
 * The body of a data message as those get it that know AMF0 only.
 * @returns a view of the payload where there is nothing else in it
 * @throws ProtocolError for malformed AMF3 values
 */
export function amf0DataBody(message: Message): Uint8Array {
  const body = withoutFormatByte(message)
  let hasAmf3 = false
  const decode = avmPlusDecoder()
  const values = decodeAmf0(body, (reader) => {
    hasAmf3 = true
    return decode(reader)
  })
  return hasAmf3 ? encodeAmf0(...values) : body
}

/** What AMF0 can say of an AMF3 value: bytes become `undefined`, a dictionary loses what has no name for a key. */
export function amf0FromAmf3(value: Amf3Value): Amf0Value {
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return value
  }
  if (value instanceof Uint8Array) {
    return undefined
  }
  if (value instanceof Amf3Xml) {
    return value.text
  }
  if (value instanceof Amf3TypedObject) {
    return amf0Properties(value.properties)
  }
  if (value instanceof Amf3Vector) {
    return value.elements.map(amf0FromAmf3)
  }
  if (value instanceof Amf3NamedArray) {
    return new Amf0EcmaArray(
      amf0Properties({ ...Object.fromEntries(value.elements.entries()), ...value.entries }),
    )
  }
  if (value instanceof Amf3Dictionary) {
    const named = value.entries.filter(([key]) => typeof key === 'string' || typeof key === 'number')
    return amf0Properties(Object.fromEntries(named.map(([key, each]) => [String(key), each])))
  }
  return isAmf3Object(value) ? amf0Properties(value) : value.map(amf0FromAmf3)
}

function amf0Properties(properties: Amf3Object): Amf0Object {
  const result: Record<string, Amf0Value> = Object.create(null)
  for (const [name, value] of Object.entries(properties)) {
    result[name] = amf0FromAmf3(value)
  }
  return result
}

/** For one message: the AMF3 values in it share what their references point to. */
function avmPlusDecoder(): AvmPlusDecoder {
  let decoder: Amf3Decoder | null = null
  return (reader: ByteReader) => {
    decoder ??= new Amf3Decoder(reader)
    const measured = decoder.decode()
    return { ...measured, value: amf0FromAmf3(measured.value) }
  }
}

function withoutFormatByte({ type, payload }: Message): Uint8Array {
  const isAmf3 = type === MessageType.commandAmf3 || type === MessageType.dataAmf3
  return isAmf3 && payload[0] === 0 ? payload.subarray(1) : payload
}
