import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCuts, cutAt, hex, type ReadMessage, readPieces, toHex } from '../../../test/support/chunks.ts'
import { type ChunkDialect, DialectWriter } from '../../../test/support/dialect-writer.ts'
import type { Message } from './index.ts'

const TWO_TO_32 = 2 ** 32
const CHUNK_STREAMS = [4, 6, 9] as const

/** Near where fields, numbers with a sign, and times end. */
const BASES = [0, 2 ** 24, 2 ** 31, TWO_TO_32]

const dialects: readonly ChunkDialect[] = (['standard', 'time', 'wrapped', 'none'] as const).flatMap(
  (deltas) => (['repeated', 'left out', 'switching'] as const).map((extended) => ({ deltas, extended })),
)

type Plan = Readonly<{ base: number; step: number; type: number; length: number; on: number }>

/** Steps to both sides, often the same one again, and often none. */
const plans = fc.array(
  fc.record({
    base: fc.constantFrom(...BASES),
    step: fc.oneof(
      fc.constantFrom(0, 40, 40, 40, -40),
      fc.integer({ min: -2000, max: 2000 }),
      fc.constant(40_000_000),
    ),
    type: fc.constantFrom(8, 9),
    length: fc.oneof(fc.constant(5), fc.integer({ min: 1, max: 400 })),
    on: fc.nat({ max: 2 }),
  }),
  { maxLength: 25 },
)

/**
 * Messages whose times go on as planned, on each chunk stream from a base of its own. Left out is what no reader could
 * tell: a step back of librtmp or a time itself just before 2^32, and a second jump that leads by its delta to its delta.
 */
function messagesOf(list: readonly Plan[], { deltas }: ChunkDialect): Message[] {
  const times = new Map<number, number>()
  const jumped = new Set<number>()
  return list.map(({ base, step, type, length, on }, i) => {
    const before = times.get(on)
    const isFar = Math.abs(step) > 2000
    const isTooMuch = isFar && (deltas !== 'standard' || jumped.has(on))
    if (isFar) {
      jumped.add(on)
    }
    const nearEnd = before !== undefined && before > TWO_TO_32 - 10_000 && deltas !== 'standard'
    const planned = isTooMuch ? 40 : nearEnd ? Math.abs(step) : step
    const start = base % TWO_TO_32 === 0 && deltas === 'time' ? 100_000 : base - 500
    const timestamp = ((before ?? start) + (before === undefined ? 0 : planned) + TWO_TO_32) % TWO_TO_32
    times.set(on, timestamp)
    const payload = Uint8Array.from({ length }, (_, at) => (at === 0 ? 0xaf : (i + at * 7) % 256))
    return { type, streamId: 1, timestamp, chunkStreamId: CHUNK_STREAMS[on] ?? 4, payload }
  })
}

/** The chunks in an order that keeps that of each chunk stream; `turns` picks who is next. */
function interleave(
  messages: readonly Message[],
  writer: DialectWriter,
  turns: readonly number[],
): { wire: Uint8Array[]; finished: Message[] } {
  const queues = CHUNK_STREAMS.map((id) => {
    const own = messages.filter(({ chunkStreamId }) => chunkStreamId === id)
    return own.flatMap((message) => {
      const chunks = writer.chunks(message)
      return chunks.map((bytes, i) => ({ bytes, ends: i === chunks.length - 1 ? message : null }))
    })
  })
  const wire: Uint8Array[] = []
  const finished: Message[] = []
  for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
    const chunk = queues[(turns[turn] ?? turn) % queues.length]?.shift()
    if (chunk !== undefined) {
      wire.push(chunk.bytes)
      finished.push(...(chunk.ends === null ? [] : [chunk.ends]))
    }
  }
  return { wire, finished }
}

/** A message of one byte, which is one chunk of type 0 whatever the chunk size is. */
const NEXT: Message = { type: 3, streamId: 0, timestamp: 0, chunkStreamId: 2, payload: new Uint8Array(1) }

/**
 * Whether the last chunk is of type 3 and its few bytes are those that its message's extended timestamp begins with. Then
 * nobody can tell yet: they are the message's end if the peer leaves the field out, or the field's beginning. The next chunk
 * tells. In the field one always comes, but for a connection that is cut there; and no peer waits there for an answer:
 * commands are sent in one chunk, or before the times are long enough for the field.
 */
function endsLikeField(wire: readonly Uint8Array[], finished: readonly Message[]): boolean {
  const chunk = wire.at(-1)
  const last = finished.at(-1)
  if (chunk === undefined || last === undefined || (chunk[0] ?? 0) < 0xc0) {
    return false
  }
  const own = finished.filter(({ chunkStreamId }) => chunkStreamId === last.chunkStreamId)
  const delta = (last.timestamp - (own.at(-2)?.timestamp ?? 0) + TWO_TO_32) % TWO_TO_32
  const fields = [last.timestamp, delta].filter((value) => value >= 0xffffff)
  return fields.some((value) =>
    value
      .toString(16)
      .padStart(8, '0')
      .startsWith(toHex(chunk.subarray(1))),
  )
}

const show = ({ payload, ...rest }: Message): ReadMessage => ({ ...rest, payload: toHex(payload) })

describe.each(dialects)(
  'a reader of chunks with $deltas deltas and the extended timestamp $extended',
  (dialect) => {
    it('finds all messages at their times, across every boundary, however chunks are sized, mixed and cut', () => {
      const turns = fc.array(fc.nat({ max: 2 }), { maxLength: 60 })
      const chunkSizes = fc.constantFrom(1, 3, 100, 128, 4096)
      fc.assert(
        fc.property(plans, chunkSizes, turns, anyCuts(2000), (list, chunkSize, order, cuts) => {
          const messages = messagesOf(list, dialect)
          const writer = new DialectWriter(dialect, chunkSize)
          const { wire, finished } = interleave(messages, writer, order)
          if (endsLikeField(wire, finished)) {
            wire.push(...writer.chunks(NEXT))
            finished.push(NEXT)
          }
          const setChunkSize = hex(`02 000000 000004 01 00000000 ${chunkSize.toString(16).padStart(8, '0')}`)
          const result = readPieces(cutAt(Buffer.concat([setChunkSize, ...wire]), cuts))
          expect(result.error).toBeNull()
          expect(result.messages.slice(1)).toEqual(finished.map(show))
        }),
        { numRuns: 150 },
      )
    })
  },
)
