import { LimitError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'

/** TagType values, which are RTMP's message types, too: Adobe Video File Format 10.1, E.4.1. */
export const FlvTagType = {
  audio: 8,
  video: 9,
  script: 18,
} as const

/** One of the `FlvTagType` values. */
export type FlvTagType = (typeof FlvTagType)[keyof typeof FlvTagType]

/** Bytes of a tag header. */
export const FLV_TAG_HEADER_BYTES = 11

/** Bytes of the PreviousTagSize behind every tag. */
export const FLV_PREVIOUS_TAG_SIZE_BYTES = 4

/** The longest body a tag header can state: DataSize has 24 bits. */
export const MAX_FLV_BODY_BYTES = 0xff_ffff

/** The header of an FLV tag: Adobe Video File Format 10.1, E.4.1. */
export type FlvTagHeader = Readonly<{
  /** The whole first byte: an `FlvTagType`, or a type unknown here (an encrypted tag is one). */
  type: number
  /** DataSize: bytes of the body. */
  bodyLength: number
  /** Timestamp with TimestampExtended on top, as unsigned 32 bits: 0 to 4,294,967,295 ms. */
  timestampMs: number
}>

/**
 * Writes a tag header, stream id 0.
 * @param target receives `FLV_TAG_HEADER_BYTES` bytes; stays the caller's
 * @param offset where in `target`
 * @param bodyLength bytes of the body
 * @param timestampMs whole milliseconds, any number of them: the low 32 bits are written, so the clock wraps after 49.7 days
 * @throws LimitError if `bodyLength` exceeds `MAX_FLV_BODY_BYTES`
 * @throws RangeError if the header does not fit into `target`
 */
export function writeFlvTagHeader(
  target: Uint8Array,
  offset: number,
  type: FlvTagType,
  bodyLength: number,
  timestampMs: number,
): void {
  if (bodyLength > MAX_FLV_BODY_BYTES) {
    throw new LimitError('MAX_FLV_BODY_BYTES', MAX_FLV_BODY_BYTES, bodyLength)
  }
  requireRoom(target, offset, FLV_TAG_HEADER_BYTES)
  target[offset] = type
  writeUint24(target, offset + 1, bodyLength)
  // By arithmetic: bit operators would first cut the time to 32 bits with a sign. The array keeps the low 8 bits of any number.
  writeUint24(target, offset + 4, timestampMs % 0x1000000)
  target[offset + 7] = Math.floor(timestampMs / 0x1000000) // TimestampExtended
  writeUint24(target, offset + 8, 0) // StreamID
}

/**
 * Writes the PreviousTagSize that goes behind a tag.
 * @param target receives `FLV_PREVIOUS_TAG_SIZE_BYTES` bytes; stays the caller's
 * @param offset where in `target`
 * @param bodyLength bytes of the body of the tag before it; the tag's header is added
 * @throws RangeError if the size does not fit into `target`
 */
export function writeFlvPreviousTagSize(target: Uint8Array, offset: number, bodyLength: number): void {
  requireRoom(target, offset, FLV_PREVIOUS_TAG_SIZE_BYTES)
  const tagSize = FLV_TAG_HEADER_BYTES + bodyLength
  target[offset] = tagSize >>> 24
  writeUint24(target, offset + 1, tagSize)
}

/**
 * Decodes a tag header. Any type and any stream id pass.
 * @param bytes read in place
 * @param offset where the header begins, default 0
 * @throws ProtocolError if it is cut short
 */
export function decodeFlvTagHeader(bytes: Uint8Array, offset = 0): FlvTagHeader {
  const reader = new ByteReader(bytes, offset)
  const type = reader.readUint8()
  const bodyLength = reader.readUint24()
  const timestampLow = reader.readUint24()
  const timestampMs = reader.readUint8() * 0x1000000 + timestampLow
  reader.skip(3) // StreamID: always 0
  return { type, bodyLength, timestampMs }
}

function writeUint24(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 16
  target[offset + 1] = value >>> 8
  target[offset + 2] = value
}

// A typed array drops what is written past its end without a word.
function requireRoom(target: Uint8Array, offset: number, length: number): void {
  if (offset + length > target.length) {
    throw new RangeError(`no room for ${length} bytes at ${offset} of ${target.length}`)
  }
}
