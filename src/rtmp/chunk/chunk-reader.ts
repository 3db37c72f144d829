import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  applyMessageHeader,
  basicHeaderBytes,
  type ChunkStream,
  chunkStreamId,
  EXTENDED_TIMESTAMP_BYTES,
  MAX_HEADER_BYTES,
  MESSAGE_HEADER_BYTES,
  mayBeExtendedTimestamp,
  readUint24,
  readUint32,
  TWO_TO_32,
} from './chunk-header.ts'
import { HeldBytes } from './held-bytes.ts'
import { LentPayloads } from './lent-payloads.ts'
import {
  DEFAULT_CHUNK_SIZE_BYTES,
  EXTENDED_TIMESTAMP_MARK,
  MAX_CHUNK_STREAMS,
  MAX_MESSAGE_BYTES,
  MAX_MESSAGE_BYTES_BEFORE_PUBLISH,
  MAX_PARTIAL_MESSAGE_BYTES,
} from './limits.ts'
import { type Message, MessageType } from './message.ts'
import { PayloadPool } from './payload-pool.ts'

/** Where headers are gathered, by all readers in turn: one for each connection would be kept for nothing nearly always. */
const header = new Uint8Array(MAX_HEADER_BYTES)

/** Of all readers. */
const lentPayloads = new LentPayloads()

/** Payload of a message that is lent, as long as it has no memory of its own. */
const NOT_GATHERED: Buffer = Buffer.alloc(0)

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
  /** What the last bytes had of a header that they ended within; null if they ended elsewhere. */
  #unfinished: Uint8Array | null = null
  #headerLength = 0
  #chunkSize = DEFAULT_CHUNK_SIZE_BYTES
  #partialBytes = 0
  /** The chunk stream whose chunk body is being read; null while a header is. */
  #current: ChunkStream | null = null
  #chunkRemaining = 0
  #takesMedia = true
  #lendsMedia = false
  #held: HeldBytes | null = null

  /** @param onMessage called for every complete message, in order, from within `push` */
  constructor(onMessage: (message: Message) => void) {
    this.#onMessage = onMessage
  }

  /** Bytes of a chunk body at most, as the peer has set it. */
  get chunkSize(): number {
    return this.#chunkSize
  }

  /** Whether messages may be as large as media is; if not, `MAX_MESSAGE_BYTES_BEFORE_PUBLISH` bounds them. Default: true. */
  set takesMedia(takesMedia: boolean) {
    this.#takesMedia = takesMedia
  }

  /**
   * Whether payloads of audio and video are lent: the receiver may read them until its callback returns. Most are then read where they
   * are, in the bytes given to `push`, and the others from memory that serves again. Default: false, every payload is the receiver's to keep.
   */
  set lendsMedia(lendsMedia: boolean) {
    this.#lendsMedia = lendsMedia
  }

  /** What `hold` has held back so far, bytes, with what keeping them costs. */
  get heldBytes(): number {
    return this.#held?.size ?? 0
  }

  /** Gives no more messages, also of the bytes at hand: from now on they are kept until `resume`, unread. */
  hold(): void {
    this.#held ??= new HeldBytes()
  }

  /**
   * Reads what was held back, and on from there; it may be held again meanwhile.
   * @throws as `push` does
   */
  resume(): void {
    const pieces = this.#held?.pieces ?? []
    this.#held = null
    for (const bytes of pieces) {
      this.push(bytes)
    }
  }

  /**
   * Takes the next bytes, which are the caller's again afterwards.
   * @throws ProtocolError when the bytes break the format, LimitError past a limit; the reader is of no use after it
   */
  push(bytes: Uint8Array): void {
    // A Buffer's `copy` needs no view of the part that is copied: the other way is one for each message, and garbage at once.
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    let offset = 0
    while (offset < buffer.length) {
      if (this.#held !== null) {
        this.#held.add(buffer.subarray(offset))
        return
      }
      offset = this.#current === null ? this.#readHeader(buffer, offset) : this.#readBody(buffer, offset)
    }
  }

  #readHeader(bytes: Uint8Array, start: number): number {
    if (this.#headerLength === 0 && bytes.length - start >= MAX_HEADER_BYTES) {
      return start + this.#beginChunkInPlace(bytes, start)
    }
    return this.#gatherHeader(bytes, start)
  }

  /** All that a header can have is there: reads it where it is. Returns its length. */
  #beginChunkInPlace(bytes: Uint8Array, start: number): number {
    const first = bytes[start] ?? 0
    const plainBytes = basicHeaderBytes(first) + (MESSAGE_HEADER_BYTES[first >> 6] ?? 0)
    const stream = this.#chunkStreams.get(chunkStreamId(bytes, start))
    const extended =
      first >> 6 === 3
        ? stream !== undefined &&
          stream.extendedTimestamp !== null &&
          mayBeExtendedTimestamp(stream, bytes, start + plainBytes, EXTENDED_TIMESTAMP_BYTES)
        : readUint24(bytes, start + basicHeaderBytes(first)) === EXTENDED_TIMESTAMP_MARK
    const headerBytes = extended ? plainBytes + EXTENDED_TIMESTAMP_BYTES : plainBytes
    this.#beginChunk(bytes, start, headerBytes)
    return headerBytes
  }

  /** The bytes end within the header, or might: gathers it byte by byte. */
  #gatherHeader(bytes: Uint8Array, start: number): number {
    if (this.#unfinished !== null) {
      header.set(this.#unfinished)
      this.#unfinished = null
    }
    let offset = start
    for (;;) {
      const needed = this.#neededHeaderBytes()
      if (this.#headerLength === needed) {
        this.#headerLength = 0
        this.#beginChunk(header, 0, needed)
        return offset
      }
      if (offset === bytes.length) {
        this.#unfinished = header.slice(0, this.#headerLength)
        return offset
      }
      header[this.#headerLength++] = bytes[offset++] ?? 0
      const strayBytes = this.#strayPayloadBytes()
      if (strayBytes > 0) {
        // The peer left the extended timestamp out of a type 3 chunk: what was read as one is payload.
        const stray = header.slice(this.#headerLength - strayBytes, this.#headerLength)
        const headerBytes = this.#headerLength - strayBytes
        this.#headerLength = 0
        this.#beginChunk(header, 0, headerBytes)
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
    const basicBytes = basicHeaderBytes(header[0] ?? 0)
    if (this.#headerLength < basicBytes) {
      return basicBytes
    }
    const format = (header[0] ?? 0) >> 6
    const plainBytes = basicBytes + (MESSAGE_HEADER_BYTES[format] ?? 0)
    if (this.#headerLength < plainBytes) {
      return plainBytes
    }
    const extended =
      format === 3
        ? (this.#chunkStreams.get(chunkStreamId(header, 0)) ?? null)?.extendedTimestamp != null
        : readUint24(header, basicBytes) === EXTENDED_TIMESTAMP_MARK
    return extended ? plainBytes + EXTENDED_TIMESTAMP_BYTES : plainBytes
  }

  /**
   * How many of the header bytes read so far are really payload, because they can't be the extended timestamp of a type 3
   * chunk. One that continues a message could only repeat its field; one that begins a message may be near the last time.
   */
  #strayPayloadBytes(): number {
    const basicBytes = basicHeaderBytes(header[0] ?? 0)
    if ((header[0] ?? 0) >> 6 !== 3 || this.#headerLength <= basicBytes) {
      return 0
    }
    const stream = this.#chunkStreams.get(chunkStreamId(header, 0))
    if (stream === undefined || stream.extendedTimestamp === null) {
      return 0
    }
    const count = this.#headerLength - basicBytes
    return mayBeExtendedTimestamp(stream, header, basicBytes, count) ? 0 : count
  }

  /**
   * A chunk's header is complete: brings its chunk stream up to date and gets ready for the body.
   * @param start where in `bytes` the header begins
   */
  #beginChunk(bytes: Uint8Array, start: number, headerBytes: number): void {
    const format = (bytes[start] ?? 0) >> 6
    const id = chunkStreamId(bytes, start)
    const stream = this.#chunkStreams.get(id) ?? this.#openChunkStream(id, format)
    if (format === 3) {
      if (stream.payload === null) {
        const basicBytes = basicHeaderBytes(bytes[start] ?? 0)
        const extended = headerBytes > basicBytes
        this.#beginRepeatedMessage(stream, extended ? readUint32(bytes, start + basicBytes) : null)
      }
    } else {
      if (stream.payload !== null) {
        throw new ProtocolError(
          `chunk stream ${id}: a type ${format} chunk begins while a message has ${stream.received} of ${stream.length} bytes`,
        )
      }
      applyMessageHeader(stream, bytes, start + basicHeaderBytes(bytes[start] ?? 0), format)
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
      writesTimes: false,
      payload: null,
      isLent: false,
      received: 0,
    }
    this.#chunkStreams.set(id, stream)
    return stream
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
    if (!this.#takesMedia && this.#partialBytes > MAX_MESSAGE_BYTES_BEFORE_PUBLISH) {
      throw new LimitError(
        'MAX_MESSAGE_BYTES_BEFORE_PUBLISH',
        MAX_MESSAGE_BYTES_BEFORE_PUBLISH,
        this.#partialBytes,
      )
    }
    stream.payload = this.#lends(stream.type) ? NOT_GATHERED : this.#payloads.take(stream.length)
    stream.received = 0
  }

  #lends(type: number): boolean {
    return this.#lendsMedia && (type === MessageType.video || type === MessageType.audio)
  }

  #readBody(bytes: Buffer, offset: number): number {
    const stream = this.#current
    if (stream === null || stream.payload === null) {
      throw new ProtocolError('chunk body without a header')
    }
    const count = Math.min(this.#chunkRemaining, bytes.length - offset)
    if (stream.payload === NOT_GATHERED) {
      if (count === stream.length) {
        this.#current = null
        this.#finishMessage(stream, bytes.subarray(offset, offset + count))
        return offset + count
      }
      stream.payload = lentPayloads.take(stream.length)
      stream.isLent = true
    }
    bytes.copy(stream.payload, stream.received, offset, offset + count)
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
    if (stream.isLent) {
      stream.isLent = false
      lentPayloads.giveBack(payload)
    }
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
      stream.isLent = false
      this.#partialBytes -= stream.length
    }
  }
}

function controlValue(name: string, payload: Uint8Array): number {
  if (payload.length < 4) {
    throw new ProtocolError(`${name} has ${payload.length} bytes, needs 4`)
  }
  const [a = 0, b = 0, c = 0, d = 0] = payload
  return a * 0x1000000 + b * 0x10000 + c * 0x100 + d
}
