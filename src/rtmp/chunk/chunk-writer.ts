import { DEFAULT_CHUNK_SIZE_BYTES, EXTENDED_TIMESTAMP_MARK } from './limits.ts'
import type { Message } from './message.ts'

const TWO_TO_32 = 0x100000000
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const

/** A time of any size as the 32 bits a chunk has for it. By arithmetic, for bit operators would make it a number with a sign. */
function wrapTimestamp(timestamp: number): number {
  const remainder = timestamp % TWO_TO_32
  return remainder < 0 ? remainder + TWO_TO_32 : remainder
}

/** Chunk header formats (Adobe RTMP 1.0, 5.3.1.2). */
type ChunkFormat = 0 | 1 | 2 | 3

/** Message fields that the header of a chunk carries; the timestamp may be any number and is wrapped to 32 bits. */
type MessageHeader = Omit<Message, 'payload'>

function basicHeaderBytes(chunkStreamId: number): number {
  return chunkStreamId < 64 ? 1 : chunkStreamId < 320 ? 2 : 3
}

/**
 * Bytes that a message takes on the wire when it begins with a type 0 chunk.
 * @param payloadLength bytes of the message's body
 * @param timestamp milliseconds, any number of them; decides whether the extended timestamp is there
 * @param chunkSize chunk size in force, bytes
 */
export function chunkedMessageBytes(
  payloadLength: number,
  timestamp: number,
  chunkStreamId: number,
  chunkSize: number,
): number {
  return chunkedBytes(0, payloadLength, wrapTimestamp(timestamp), chunkStreamId, chunkSize)
}

function chunkedBytes(
  format: ChunkFormat,
  payloadLength: number,
  timeField: number,
  chunkStreamId: number,
  chunkSize: number,
): number {
  const chunks = Math.max(1, Math.ceil(payloadLength / chunkSize))
  const extendedBytes = timeField >= EXTENDED_TIMESTAMP_MARK ? 4 : 0
  return (
    MESSAGE_HEADER_BYTES[format] + chunks * (basicHeaderBytes(chunkStreamId) + extendedBytes) + payloadLength
  )
}

/**
 * Writes a whole message as one type 0 chunk and as many type 3 chunks as it takes (Adobe RTMP 1.0, 5.3).
 * Needs no state, so what it writes may begin anywhere in a connection: this is what shared segments are made of.
 * @param target filled from its start; must have `chunkedMessageBytes(...)` bytes
 */
export function writeChunkedMessage(
  target: Uint8Array,
  header: MessageHeader,
  payload: Uint8Array,
  chunkSize: number,
): void {
  writeChunks(target, 0, header, wrapTimestamp(header.timestamp), payload, chunkSize)
}

function writeChunks(
  target: Uint8Array,
  format: ChunkFormat,
  header: MessageHeader,
  timeField: number,
  payload: Uint8Array,
  chunkSize: number,
): void {
  const extended = timeField >= EXTENDED_TIMESTAMP_MARK
  let at = writeBasicHeader(target, 0, format, header.chunkStreamId)
  if (format < 3) {
    at = writeUint24(target, at, extended ? EXTENDED_TIMESTAMP_MARK : timeField)
  }
  if (format < 2) {
    at = writeUint24(target, at, payload.length)
    target[at++] = header.type
  }
  if (format === 0) {
    target[at++] = header.streamId % 256
    target[at++] = Math.floor(header.streamId / 0x100) % 256
    target[at++] = Math.floor(header.streamId / 0x10000) % 256
    target[at++] = Math.floor(header.streamId / 0x1000000) % 256
  }
  for (let sent = 0; ; ) {
    if (extended) {
      at = writeUint32(target, at, timeField)
    }
    const end = Math.min(sent + chunkSize, payload.length)
    target.set(sent === 0 && end === payload.length ? payload : payload.subarray(sent, end), at)
    at += end - sent
    sent = end
    if (sent >= payload.length) {
      return
    }
    at = writeBasicHeader(target, at, 3, header.chunkStreamId)
  }
}

function writeBasicHeader(
  target: Uint8Array,
  offset: number,
  format: ChunkFormat,
  chunkStreamId: number,
): number {
  let at = offset
  const bits = format << 6
  if (chunkStreamId < 64) {
    target[at++] = bits | chunkStreamId
  } else if (chunkStreamId < 320) {
    target[at++] = bits
    target[at++] = chunkStreamId - 64
  } else {
    target[at++] = bits | 1
    target[at++] = (chunkStreamId - 64) % 256
    target[at++] = Math.floor((chunkStreamId - 64) / 256)
  }
  return at
}

function writeUint24(target: Uint8Array, offset: number, value: number): number {
  target[offset] = value >>> 16
  target[offset + 1] = value >>> 8
  target[offset + 2] = value
  return offset + 3
}

function writeUint32(target: Uint8Array, offset: number, value: number): number {
  target[offset] = Math.floor(value / 0x1000000)
  return writeUint24(target, offset + 1, value % 0x1000000)
}

/**
 * Writes messages of one connection with the smallest chunk headers (types 0 to 3) that say the same.
 * For what is sent once to one peer; shared media uses `writeChunkedMessage`.
 */
export class ChunkWriter {
  readonly #last = new Map<
    number,
    { type: number; length: number; streamId: number; timestamp: number; delta: number | null }
  >()
  #chunkSize = DEFAULT_CHUNK_SIZE_BYTES

  /** Chunk size in force for what is written from now on; announce it with Set Chunk Size first. Default 128. */
  get chunkSize(): number {
    return this.#chunkSize
  }
  set chunkSize(bytes: number) {
    this.#chunkSize = bytes
  }

  /** The message's bytes on the wire, in a buffer of their own. */
  encode(message: Message): Uint8Array {
    const timestamp = wrapTimestamp(message.timestamp)
    const last = this.#last.get(message.chunkStreamId)
    const delta = last === undefined ? 0 : timestamp - last.timestamp
    let format: ChunkFormat = 0
    // A delta at or past the mark would need an extended delta, which readers understand differently.
    if (
      last !== undefined &&
      last.streamId === message.streamId &&
      delta >= 0 &&
      delta < EXTENDED_TIMESTAMP_MARK
    ) {
      const same = last.type === message.type && last.length === message.payload.length
      format = !same ? 1 : delta === last.delta ? 3 : 2
    }
    const timeField = format === 0 ? timestamp : format === 3 ? 0 : delta
    const bytes = new Uint8Array(
      chunkedBytes(format, message.payload.length, timeField, message.chunkStreamId, this.#chunkSize),
    )
    writeChunks(bytes, format, message, timeField, message.payload, this.#chunkSize)
    this.#last.set(message.chunkStreamId, {
      type: message.type,
      length: message.payload.length,
      streamId: message.streamId,
      timestamp,
      // None to repeat after type 0: by 5.3.1.2.4 that would be the timestamp itself, and readers disagree.
      delta: format === 0 ? null : delta,
    })
    return bytes
  }
}
