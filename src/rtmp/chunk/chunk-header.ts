import { EXTENDED_TIMESTAMP_MARK } from './limits.ts'

/** Bytes of the message header by the chunk's type (Adobe RTMP 1.0, 5.3.1.2). */
export const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const

/** Bytes of the extended timestamp field (5.3.1.3). */
export const EXTENDED_TIMESTAMP_BYTES = 4

/** A longest chunk header: basic header, message header and extended timestamp. */
export const MAX_HEADER_BYTES: number = 3 + MESSAGE_HEADER_BYTES[0] + EXTENDED_TIMESTAMP_BYTES

/** Where 32-bit timestamps wrap. */
export const TWO_TO_32 = 0x100000000

const TWO_TO_31 = 0x80000000

/**
 * How far from the time before it an extended timestamp may be, ms, to be believed to be a time where it could be something
 * else: a delta in types 1 and 2, or the payload of a peer that leaves the field out in type 3.
 */
const MAX_BELIEVED_STEP_MS = 1_000_000

/** What one chunk stream remembers between chunks (Adobe RTMP 1.0, 5.3.1.2). */
export type ChunkStream = {
  readonly id: number
  type: number
  length: number
  streamId: number
  /** Timestamp of the current or last message. */
  timestamp: number
  /** Added again when a type 3 chunk starts a new message. */
  timestampDelta: number
  /** The extended timestamp field as it was sent, or null if the last header had none. */
  extendedTimestamp: number | null
  /** That field has the time itself; false: a delta. */
  extendedIsTime: boolean
  /** It had the time itself once in a header of type 1 or 2: this peer writes it so. */
  writesTimes: boolean
  /** The message under way; null between messages. */
  payload: Uint8Array | null
  /** The payload's memory is to be given back. */
  isLent: boolean
  received: number
}

/** Bytes of the basic header, by its first byte (5.3.1.1). */
export function basicHeaderBytes(first: number): number {
  const low = first & 0x3f
  return low === 0 ? 2 : low === 1 ? 3 : 1
}

/** The chunk stream id of the basic header at `start` (5.3.1.1). */
export function chunkStreamId(bytes: Uint8Array, start: number): number {
  const low = (bytes[start] ?? 0) & 0x3f
  if (low > 1) {
    return low
  }
  const second = bytes[start + 1] ?? 0
  return low === 0 ? 64 + second : 64 + second + (bytes[start + 2] ?? 0) * 256
}

/** Big-endian; bytes that are not there count as 0. */
export function readUint24(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) * 0x10000 + (bytes[offset + 1] ?? 0) * 0x100 + (bytes[offset + 2] ?? 0)
}

/** Big-endian; bytes that are not there count as 0. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return readUint24(bytes, offset) * 0x100 + (bytes[offset + 3] ?? 0)
}

/**
 * Whether the first `count` bytes at `offset`, behind the basic header of a type 3 chunk, can be its extended timestamp. One
 * that continues a message could only repeat its field; one that begins a message may be near the last time. Else they are
 * payload: some peers leave the field out (librtmp, old FFmpeg).
 */
export function mayBeExtendedTimestamp(
  stream: ChunkStream,
  bytes: Uint8Array,
  offset: number,
  count: number,
): boolean {
  const { extendedTimestamp, extendedIsTime, payload, timestamp } = stream
  let value = 0
  for (let i = 0; i < count; i++) {
    value = value * 256 + (bytes[offset + i] ?? 0)
  }
  // Of the field's values, those that begin with these bytes.
  const unread = 256 ** (EXTENDED_TIMESTAMP_BYTES - count)
  const low = value * unread
  const high = low + unread - 1
  const repeats = extendedTimestamp !== null && low <= extendedTimestamp && extendedTimestamp <= high
  return repeats || (payload === null && extendedIsTime && isNear(low, high, timestamp))
}

/** Brings a chunk stream up to date with the message header of a type 0, 1 or 2 chunk (5.3.1.2), which begins at `at`. */
export function applyMessageHeader(stream: ChunkStream, bytes: Uint8Array, at: number, format: number): void {
  const field = readUint24(bytes, at)
  const extended = field === EXTENDED_TIMESTAMP_MARK
  const time = extended ? readUint32(bytes, at + (MESSAGE_HEADER_BYTES[format] ?? 0)) : field
  stream.extendedTimestamp = extended ? time : null
  stream.extendedIsTime = extended && (format === 0 || isTime(time, stream))
  stream.writesTimes ||= stream.extendedIsTime && format > 0
  const isAbsolute = format === 0 || stream.extendedIsTime
  stream.timestamp = isAbsolute ? time : (stream.timestamp + time) % TWO_TO_32
  // 5.3.1.2.4: a type 3 chunk that starts a message right after a type 0 chunk has its timestamp as the delta.
  stream.timestampDelta = extended ? 0 : time
  if (format <= 1) {
    stream.length = readUint24(bytes, at + 3)
    stream.type = bytes[at + 6] ?? 0
  }
  if (format === 0) {
    // The one little-endian field.
    stream.streamId =
      (bytes[at + 7] ?? 0) +
      (bytes[at + 8] ?? 0) * 0x100 +
      (bytes[at + 9] ?? 0) * 0x10000 +
      (bytes[at + 10] ?? 0) * 0x1000000
  }
}

/**
 * Whether the extended timestamp of types 1 and 2 is a time. By the standard it is a delta. Some peers write the time itself,
 * which then is nearer to the time before than where the delta would lead to; and near indeed, the first time.
 */
function isTime(field: number, { timestamp, writesTimes }: ChunkStream): boolean {
  const step = Math.abs(signed(field - timestamp))
  return step <= Math.abs(signed(field)) && (writesTimes || step <= MAX_BELIEVED_STEP_MS)
}

/** Whether a value from `low` to `high` is near enough to `time` to be the time of the message behind it. */
function isNear(low: number, high: number, time: number): boolean {
  const fromLow = signed(time - low)
  const fromHigh = signed(time - high)
  const within = fromLow >= 0 && fromHigh <= 0
  return within || Math.min(Math.abs(fromLow), Math.abs(fromHigh)) <= MAX_BELIEVED_STEP_MS
}

/** A difference of two 32-bit times as the shorter way round: -2^31 to 2^31 - 1. */
function signed(difference: number): number {
  const positive = (difference + TWO_TO_32) % TWO_TO_32
  return positive >= TWO_TO_31 ? positive - TWO_TO_32 : positive
}
