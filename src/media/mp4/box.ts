import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'
import { MAX_MP4_CHILD_BOXES } from './limits.ts'

/** The longest header of a box: size, type, largesize. */
export const MAX_BOX_HEADER_BYTES = 16

/** The shortest header of a box: size, type. */
export const MIN_BOX_HEADER_BYTES = 8

/** The header of a box: ISO/IEC 14496-12, 4.2. */
export type BoxHeader = Readonly<{
  /** Four characters, e.g. 'moov'. */
  type: string
  /** Bytes before the payload. */
  headerBytes: number
  /** Bytes of the whole box. */
  size: number
}>

/** A box in memory. */
export type Box = Readonly<{
  /** Four characters, e.g. 'trak'. */
  type: string
  /** Where it begins, from the file's beginning. */
  offset: number
  /** Where its payload begins, from the file's beginning. */
  payloadOffset: number
  /** What is behind its header: a view. */
  payload: Uint8Array
}>

/**
 * Decodes the header of a box.
 * @param bytes read in place
 * @param at where it begins in `bytes`
 * @param room bytes from there to the end of the file, or of the box around it: the size of a box that goes on to the end
 * @param offset where it begins in the file, for errors
 * @throws ProtocolError if it is cut short, or shorter than its own header; a box that is longer than `room` is the caller's to judge
 */
export function decodeBoxHeader(bytes: Uint8Array, at: number, room: number, offset: number): BoxHeader {
  const reader = new ByteReader(bytes, at)
  const shortSize = reader.readUint32()
  const type = decodeType(reader.readBytes(4))
  const size = shortSize === 1 ? readUint64(reader) : shortSize === 0 ? room : shortSize
  const headerBytes = reader.offset - at
  if (size < headerBytes) {
    throw new ProtocolError(`box '${type}' at byte ${offset} says that it has ${size} bytes`)
  }
  return { type, headerBytes, size }
}

/**
 * The boxes within another one's payload, in order. Less than a header at the end is padding.
 * @param payload read in place; payloads of the boxes are views into it
 * @param offset where the payload begins in the file
 * @throws ProtocolError if a box is longer than what is left
 * @throws LimitError if there are more than `MAX_MP4_CHILD_BOXES`
 */
export function* boxesIn(payload: Uint8Array, offset: number): Generator<Box, void, undefined> {
  let at = 0
  for (let count = 0; payload.length - at >= MIN_BOX_HEADER_BYTES; count++) {
    if (count === MAX_MP4_CHILD_BOXES) {
      throw new LimitError('MAX_MP4_CHILD_BOXES', MAX_MP4_CHILD_BOXES, count + 1)
    }
    const room = payload.length - at
    const { type, headerBytes, size } = decodeBoxHeader(payload, at, room, offset + at)
    if (size > room) {
      throw new ProtocolError(`box '${type}' at byte ${offset + at} has ${size} bytes, and ${room} are left`)
    }
    yield {
      type,
      offset: offset + at,
      payloadOffset: offset + at + headerBytes,
      payload: payload.subarray(at + headerBytes, at + size),
    }
    at += size
  }
}

/** The boxes within another one. @throws ProtocolError as of `boxesIn` */
export function childrenOf(box: Box): Generator<Box, void, undefined> {
  return boxesIn(box.payload, box.payloadOffset)
}

/** The first box of a type within another one; null if there is none. @throws ProtocolError as of `boxesIn` */
export function findChild(box: Box, type: string): Box | null {
  for (const child of childrenOf(box)) {
    if (child.type === type) {
      return child
    }
  }
  return null
}

/** The box at the end of a path of types. @throws ProtocolError if there is none */
export function requireDescendant(box: Box, ...types: readonly string[]): Box {
  let found = box
  for (const type of types) {
    const child = findChild(found, type)
    if (child === null) {
      throw new ProtocolError(`box '${found.type}' at byte ${found.offset} has no '${type}'`)
    }
    found = child
  }
  return found
}

/** The start of a full box: ISO/IEC 14496-12, 4.2.2. */
export type FullBoxReader = Readonly<{ version: number; flags: number; reader: ByteReader }>

/**
 * Reads a full box's payload behind its version and flags.
 * @param read what it throws about the protocol is thrown on with the name and place of the box
 */
export function readFullBox<T>(box: Box, read: (start: FullBoxReader) => T): T {
  return within(box, () => {
    const reader = new ByteReader(box.payload)
    const version = reader.readUint8()
    return read({ version, flags: reader.readUint24(), reader })
  })
}

/** What `read` returns; what it throws about the protocol is thrown on with the name and place of the box. */
export function within<T>(box: Box, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError && !(error instanceof LimitError)) {
      throw new ProtocolError(`box '${box.type}' at byte ${box.offset}: ${error.message}`, { cause: error })
    }
    throw error
  }
}

/** An unsigned 64-bit integer. @throws ProtocolError if it is 2^53 or more, which no size or time is */
export function readUint64(reader: ByteReader): number {
  const { offset } = reader
  const value = reader.readUint32() * 0x100000000 + reader.readUint32()
  if (value > Number.MAX_SAFE_INTEGER) {
    throw new ProtocolError(`a number of 64 bits at offset ${offset} is too large`)
  }
  return value
}

/** A signed 32-bit integer. */
export function readInt32(reader: ByteReader): number {
  const value = reader.readUint32()
  return value >= 0x80000000 ? value - 0x100000000 : value
}

/** Four bytes as characters; what is no printable ASCII becomes '?'. */
export function decodeType(bytes: Uint8Array): string {
  return [...bytes].map((byte) => (byte < 0x20 || byte > 0x7e ? '?' : String.fromCharCode(byte))).join('')
}
