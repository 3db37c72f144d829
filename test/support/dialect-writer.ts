import type { Message } from '../../src/rtmp/index.ts'

const MARK = 0xffffff
const TWO_TO_32 = 2 ** 32

/** How an encoder writes what the standard leaves open, or what it gets wrong. */
export type ChunkDialect = Readonly<{
  /** The extended timestamp in type 3 chunks that continue a message: by the standard, as older clients do, or now so, now so. */
  extended: 'repeated' | 'left out' | 'switching'
  /**
   * What types 1 and 2 have in that field. `standard`: a delta, and type 0 to go back (FFmpeg); `time`: the time itself, and
   * types 1 to 3 wherever there is one (Flash); `wrapped`: a delta, also to go back, modulo 2^32, and type 3 without the field
   * for a message of the same time (librtmp); `none`: they are not used, every message begins with type 0.
   */
  deltas: 'standard' | 'time' | 'wrapped' | 'none'
}>

type Last = Readonly<{
  type: number
  length: number
  streamId: number
  timestamp: number
  /** Delta of the last header; null if it was of type 0. */
  delta: number | null
  hadField: boolean
}>

/** Writes messages as encoders in the field do, each as its chunks, on chunk streams 2 to 63. */
export class DialectWriter {
  #dialect: ChunkDialect
  readonly #chunkSize: number
  readonly #last = new Map<number, Last>()
  #continuations = 0

  constructor(dialect: ChunkDialect, chunkSize = 128) {
    this.#dialect = dialect
    this.#chunkSize = chunkSize
  }

  /** What is written from now on is written so. */
  set dialect(dialect: ChunkDialect) {
    this.#dialect = dialect
  }

  /** The message's chunks; the timestamp is below 2^32. */
  chunks(message: Message): Uint8Array[] {
    const { payload, chunkStreamId } = message
    const { header, field } = this.#header(message)
    const chunks: Uint8Array[] = []
    for (let at = 0; at === 0 || at < payload.length; at += this.#chunkSize) {
      const continuation = at === 0 ? header : [0xc0 + chunkStreamId]
      if (at > 0 && field !== null && this.#continuesWithField()) {
        continuation.push(...field)
      }
      const body = payload.subarray(at, at + this.#chunkSize)
      const chunk = new Uint8Array(continuation.length + body.length)
      chunk.set(continuation)
      chunk.set(body, continuation.length)
      chunks.push(chunk)
    }
    return chunks
  }

  #continuesWithField(): boolean {
    const { extended } = this.#dialect
    return extended === 'repeated' || (extended === 'switching' && this.#continuations++ % 3 > 0)
  }

  /** The first chunk's header, and its extended timestamp. */
  #header(message: Message): { header: number[]; field: number[] | null } {
    const { type, streamId, timestamp, chunkStreamId, payload } = message
    const last = this.#last.get(chunkStreamId)
    const { deltas } = this.#dialect
    const step = last?.streamId === streamId && deltas !== 'none' ? timestamp - last.timestamp : null
    const showsTime = deltas === 'time' && timestamp >= MARK
    const delta = step === null || (step < 0 && deltas !== 'wrapped' && !showsTime) ? null : step
    const same = last?.type === type && last.length === payload.length
    const repeats = delta !== null && same && this.#repeats(last, delta, showsTime)
    const format = delta === null ? 0 : repeats ? 3 : same ? 2 : 1
    const value = delta === null || showsTime ? timestamp : (delta + TWO_TO_32) % TWO_TO_32
    // In type 3, librtmp has no field at all: what it says is that the time is the same.
    const hasField = value >= MARK && !(format === 3 && deltas !== 'time')
    const header = [
      format * 64 + chunkStreamId,
      ...(format === 3 ? [] : bigEndian(Math.min(value, MARK), 3)),
      ...(format > 1 ? [] : [...bigEndian(payload.length, 3), type]),
      ...(format > 0 ? [] : bigEndian(streamId, 4).reverse()),
      ...(hasField ? bigEndian(value, 4) : []),
    ]
    this.#last.set(chunkStreamId, {
      type,
      length: payload.length,
      streamId,
      timestamp,
      delta,
      hadField: hasField || (format === 3 && last?.hadField === true),
    })
    return { header, field: hasField ? bigEndian(value, 4) : null }
  }

  #repeats(last: Last, delta: number, showsTime: boolean): boolean {
    if (last.hadField) {
      return showsTime || (this.#dialect.deltas === 'wrapped' && delta === 0)
    }
    return !showsTime && delta === last.delta
  }
}

function bigEndian(value: number, bytes: 3 | 4): number[] {
  const low = [Math.floor(value / 0x10000) % 256, Math.floor(value / 0x100) % 256, value % 256]
  return bytes === 3 ? low : [Math.floor(value / 0x1000000), ...low]
}
