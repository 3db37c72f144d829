import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  DEFAULT_CHUNK_SIZE_BYTES,
  EXTENDED_TIMESTAMP_MARK,
  MAX_CHUNK_STREAMS,
  MAX_MESSAGE_BYTES,
  MAX_PARTIAL_MESSAGE_BYTES,
} from './limits.ts'
import { type Message, MessageType } from './message.ts'
import { PayloadPool } from './payload-pool.ts'

const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const
const EXTENDED_TIMESTAMP_BYTES = 4
const MAX_HEADER_BYTES = 3 + 11 + EXTENDED_TIMESTAMP_BYTES
const TWO_TO_31 = 0x80000000
const TWO_TO_32 = 0x100000000

/**
 * How far from the time before it an extended timestamp may be, ms, to be believed to be a time where it could be something
 * else: a delta in types 1 and 2, or the payload of a peer that leaves the field out in type 3.
 */
const MAX_BELIEVED_STEP_MS = 1_000_000

/** What one chunk stream remembers between chunks (Adobe RTMP 1.0, 5.3.1.2). */
type ChunkStream = {
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
  /** The message under way; null between messages. */
  payload: Uint8Array | null
  received: number
}

/**
 * Turns the bytes of an RTMP chunk stream into messages (Adobe RTMP 1.0, section 5.3). Synchronous, no I/O: fed any
 * cuts of the same bytes it gives the same messages. Applies Set Chunk Size and Abort itself, and passes them on too.
 *
 * Tolerated from the field: a first chunk of type 1 (librtmp's ping), type 3 chunks without the extended timestamp
 * (librtmp, old FFmpeg), whether they continue a message or begin one, and in the extended timestamp of types 1 to 3 an
 * absolute time (Flash) as well as a delta (FFmpeg; librtmp, which goes back by one). Empty messages are dropped.
 */
export class ChunkReader {
  readonly #onMessage: (message: Message) => void
  readonly #chunkStreams = new Map<number, ChunkStream>()
  readonly #payloads = new PayloadPool()
  readonly #header = new Uint8Array(MAX_HEADER_BYTES)
  #headerLength = 0
  #chunkSize = DEFAULT_CHUNK_SIZE_BYTES
  #partialBytes = 0
  /** The chunk stream whose chunk body is being read; null while a header is. */
  #current: ChunkStream | null = null
  #chunkRemaining = 0

  /** @param onMessage called for every complete message, in order, from within `push` */
  constructor(onMessage: (message: Message) => void) {
    this.#onMessage = onMessage
  }

  /** Bytes of a chunk body at most, as the peer has set it. */
  get chunkSize(): number {
    return this.#chunkSize
  }

  /**
   * Takes the next bytes; copies what it keeps.
   * @throws ProtocolError when the bytes break the format, LimitError past a limit; the reader is of no use after it
   */
  push(bytes: Uint8Array): void {
    let offset = 0
    while (offset < bytes.length) {
      offset = this.#current === null ? this.#readHeader(bytes, offset) : this.#readBody(bytes, offset)
    }
  }

  #readHeader(bytes: Uint8Array, start: number): number {
    const header = this.#header
    let offset = start
    for (;;) {
      const needed = this.#neededHeaderBytes()
      if (this.#headerLength === needed) {
        this.#headerLength = 0
        this.#beginChunk(header, needed)
        return offset
      }
      if (offset === bytes.length) {
        return offset
      }
      header[this.#headerLength++] = bytes[offset++] ?? 0
      const strayBytes = this.#strayPayloadBytes()
      if (strayBytes > 0) {
        // The peer left the extended timestamp out of a type 3 chunk: what was read as one is payload.
        const stray = header.slice(this.#headerLength - strayBytes, this.#headerLength)
        const headerBytes = this.#headerLength - strayBytes
        this.#headerLength = 0
        this.#beginChunk(header, headerBytes)
        this.push(stray)
        return offset
      }
    }
  }

  /** Header bytes needed as far as the bytes so far tell; grows while they come in. */
  #neededHeaderBytes(): number {
    if (this.#headerLength === 0) {
      return 1
    }
    const basicBytes = this.#basicHeaderBytes()
    if (this.#headerLength < basicBytes) {
      return basicBytes
    }
    const format = (this.#header[0] ?? 0) >> 6
    const plainBytes = basicBytes + (MESSAGE_HEADER_BYTES[format] ?? 0)
    if (this.#headerLength < plainBytes) {
      return plainBytes
    }
    const extended =
      format === 3
        ? (this.#chunkStreams.get(this.#chunkStreamId()) ?? null)?.extendedTimestamp != null
        : this.#uint24(basicBytes) === EXTENDED_TIMESTAMP_MARK
    return extended ? plainBytes + EXTENDED_TIMESTAMP_BYTES : plainBytes
  }

  /**
   * How many of the header bytes read so far are really payload, because they can't be the extended timestamp of a type 3
   * chunk. One that continues a message could only repeat its field; one that begins a message may be near the last time.
   */
  #strayPayloadBytes(): number {
    const basicBytes = this.#basicHeaderBytes()
    if ((this.#header[0] ?? 0) >> 6 !== 3 || this.#headerLength <= basicBytes) {
      return 0
    }
    const stream = this.#chunkStreams.get(this.#chunkStreamId())
    if (stream === undefined || stream.extendedTimestamp === null) {
      return 0
    }
    const count = this.#headerLength - basicBytes
    let value = 0
    for (let i = 0; i < count; i++) {
      value = value * 256 + (this.#header[basicBytes + i] ?? 0)
    }
    // Of the field's values, those that begin with these bytes.
    const unread = 256 ** (EXTENDED_TIMESTAMP_BYTES - count)
    const low = value * unread
    const high = low + unread - 1
    const repeats = low <= stream.extendedTimestamp && stream.extendedTimestamp <= high
    const follows = stream.payload === null && stream.extendedIsTime && isNear(low, high, stream.timestamp)
    return repeats || follows ? 0 : count
  }

  #basicHeaderBytes(): number {
    const low = (this.#header[0] ?? 0) & 0x3f
    return low === 0 ? 2 : low === 1 ? 3 : 1
  }

  #chunkStreamId(): number {
    const [first = 0, second = 0, third = 0] = this.#header
    const low = first & 0x3f
    return low === 0 ? 64 + second : low === 1 ? 64 + second + third * 256 : low
  }

  #uint24(offset: number): number {
    const header = this.#header
    return (header[offset] ?? 0) * 0x10000 + (header[offset + 1] ?? 0) * 0x100 + (header[offset + 2] ?? 0)
  }

  #uint32(offset: number): number {
    return this.#uint24(offset) * 0x100 + (this.#header[offset + 3] ?? 0)
  }

  /** A chunk's header is complete: brings its chunk stream up to date and gets ready for the body. */
  #beginChunk(header: Uint8Array, headerBytes: number): void {
    const format = (header[0] ?? 0) >> 6
    const id = this.#chunkStreamId()
    const stream = this.#chunkStreams.get(id) ?? this.#openChunkStream(id, format)
    if (format === 3) {
      if (stream.payload === null) {
        const extended = headerBytes > this.#basicHeaderBytes()
        this.#beginRepeatedMessage(
          stream,
          extended ? this.#uint32(headerBytes - EXTENDED_TIMESTAMP_BYTES) : null,
        )
      }
    } else {
      if (stream.payload !== null) {
        throw new ProtocolError(
          `chunk stream ${id}: a type ${format} chunk begins while a message has ${stream.received} of ${stream.length} bytes`,
        )
      }
      this.#applyHeader(stream, format)
      this.#beginMessage(stream)
    }
    if (stream.payload === null) {
      return
    }
    this.#current = stream
    this.#chunkRemaining = Math.min(this.#chunkSize, stream.length - stream.received)
  }

  #openChunkStream(id: number, format: number): ChunkStream {
    if (format >= 2) {
      throw new ProtocolError(
        `chunk stream ${id} begins with a type ${format} chunk: there is no header to continue`,
      )
    }
    if (this.#chunkStreams.size >= MAX_CHUNK_STREAMS) {
      throw new LimitError('MAX_CHUNK_STREAMS', MAX_CHUNK_STREAMS, this.#chunkStreams.size + 1)
    }
    const stream: ChunkStream = {
      id,
      type: 0,
      length: 0,
      streamId: 0,
      timestamp: 0,
      timestampDelta: 0,
      extendedTimestamp: null,
      extendedIsTime: false,
      payload: null,
      received: 0,
    }
    this.#chunkStreams.set(id, stream)
    return stream
  }

  #applyHeader(stream: ChunkStream, format: number): void {
    const at = this.#basicHeaderBytes()
    const field = this.#uint24(at)
    const extended = field === EXTENDED_TIMESTAMP_MARK
    const time = extended ? this.#uint32(at + (MESSAGE_HEADER_BYTES[format] ?? 0)) : field
    stream.extendedTimestamp = extended ? time : null
    stream.extendedIsTime = extended && (format === 0 || isTime(time, stream.timestamp))
    if (format === 0 || stream.extendedIsTime) {
      stream.timestamp = time
    } else {
      stream.timestamp = (stream.timestamp + time) % TWO_TO_32
    }
    // 5.3.1.2.4: a type 3 chunk that starts a message right after a type 0 chunk has its timestamp as the delta.
    stream.timestampDelta = extended ? 0 : time
    if (format <= 1) {
      stream.length = this.#uint24(at + 3)
      stream.type = this.#header[at + 6] ?? 0
    }
    if (format === 0) {
      const h = this.#header
      stream.streamId =
        (h[at + 7] ?? 0) +
        (h[at + 8] ?? 0) * 0x100 +
        (h[at + 9] ?? 0) * 0x10000 +
        (h[at + 10] ?? 0) * 0x1000000
    }
  }

  /**
   * A type 3 chunk begins a message.
   * @param extendedTimestamp its field; null if it has none, and then the chunks that continue the message have none either
   */
  #beginRepeatedMessage(stream: ChunkStream, extendedTimestamp: number | null): void {
    if (extendedTimestamp !== null && stream.extendedIsTime) {
      stream.timestamp = extendedTimestamp
    } else {
      stream.timestamp = (stream.timestamp + (extendedTimestamp ?? stream.timestampDelta)) % TWO_TO_32
    }
    stream.extendedTimestamp = extendedTimestamp
    this.#beginMessage(stream)
  }

  #beginMessage(stream: ChunkStream): void {
    if (stream.length > MAX_MESSAGE_BYTES) {
      throw new LimitError('MAX_MESSAGE_BYTES', MAX_MESSAGE_BYTES, stream.length)
    }
    if (stream.length === 0) {
      return
    }
    this.#partialBytes += stream.length
    if (this.#partialBytes > MAX_PARTIAL_MESSAGE_BYTES) {
      throw new LimitError('MAX_PARTIAL_MESSAGE_BYTES', MAX_PARTIAL_MESSAGE_BYTES, this.#partialBytes)
    }
    stream.payload = this.#payloads.take(stream.length)
    stream.received = 0
  }

  #readBody(bytes: Uint8Array, offset: number): number {
    const stream = this.#current
    if (stream === null || stream.payload === null) {
      throw new ProtocolError('chunk body without a header')
    }
    const count = Math.min(this.#chunkRemaining, bytes.length - offset)
    stream.payload.set(bytes.subarray(offset, offset + count), stream.received)
    stream.received += count
    this.#chunkRemaining -= count
    if (this.#chunkRemaining === 0) {
      this.#current = null
      if (stream.received === stream.length) {
        this.#finishMessage(stream, stream.payload)
      }
    }
    return offset + count
  }

  #finishMessage(stream: ChunkStream, payload: Uint8Array): void {
    stream.payload = null
    this.#partialBytes -= stream.length
    if (stream.type === MessageType.setChunkSize) {
      this.#setChunkSize(payload)
    } else if (stream.type === MessageType.abort) {
      this.#abort(payload)
    }
    this.#onMessage({
      type: stream.type,
      streamId: stream.streamId,
      timestamp: stream.timestamp,
      chunkStreamId: stream.id,
      payload,
    })
  }

  #setChunkSize(payload: Uint8Array): void {
    const size = controlValue('Set Chunk Size', payload)
    if (size < 1 || size > 0x7fffffff) {
      throw new ProtocolError(`Set Chunk Size to ${size}: must be 1 to ${0x7fffffff}`)
    }
    this.#chunkSize = size
  }

  #abort(payload: Uint8Array): void {
    const stream = this.#chunkStreams.get(controlValue('Abort', payload))
    if (stream?.payload != null) {
      stream.payload = null
      this.#partialBytes -= stream.length
    }
  }
}

/**
 * Whether the extended timestamp of types 1 and 2 is a time. By the standard it is a delta. Some peers write the time itself,
 * which then is near the time before, and nearer than where the delta would lead to.
 */
function isTime(field: number, before: number): boolean {
  const step = Math.abs(signed(field - before))
  return step <= MAX_BELIEVED_STEP_MS && step <= Math.abs(signed(field))
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

function controlValue(name: string, payload: Uint8Array): number {
  if (payload.length < 4) {
    throw new ProtocolError(`${name} has ${payload.length} bytes, needs 4`)
  }
  const [a = 0, b = 0, c = 0, d = 0] = payload
  return a * 0x1000000 + b * 0x10000 + c * 0x100 + d
}
