import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCuts, cutAt, type ReadMessage, readPieces, toHex, whole } from '../../../test/support/chunks.ts'
import { ChunkWriter, chunkedMessageBytes, type Message, MessageType, writeChunkedMessage } from './index.ts'

const ids = fc.oneof(
  fc.constantFrom(2, 3, 63, 64, 319, 320, 65599),
  fc.constantFrom(3, 4, 5),
  fc.integer({ min: 2, max: 65599 }),
)

const timestamps = fc.oneof(
  fc.constantFrom(0, 1, 0xfffffe, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
  fc.nat({ max: 200 }),
  fc.integer({ min: 0, max: 0xffffffff }),
)

const payloads = fc
  .tuple(fc.oneof(fc.constantFrom(0, 1, 127, 128, 129, 256, 257), fc.nat({ max: 600 })), fc.nat({ max: 255 }))
  .map(([length, seed]) => Uint8Array.from({ length }, (_, i) => (seed + i * 7) % 256))

/** Any but those that a reader acts upon. */
const types = fc.oneof(fc.constantFrom(8, 9, 18, 20), fc.integer({ min: 3, max: 255 }))

const messages: fc.Arbitrary<Message> = fc.record({
  type: types,
  streamId: fc.oneof(fc.constantFrom(0, 1, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff })),
  timestamp: timestamps,
  chunkStreamId: ids,
  payload: payloads,
})

/** A chunk size to set, or a message on few streams with times that often go on steadily. */
const steps = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(1, 2, 127, 128, 200, 4096, 0x7fffffff) },
    { weight: 4, arbitrary: messages },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constantFrom(8, 9),
        streamId: fc.constantFrom(1, 2),
        timestamp: fc.constantFrom(0, 40, 80, 120, 0xfffff0, 0x1000018, 0xfffffff0, 0x18),
        chunkStreamId: fc.constantFrom(6, 7),
        payload: fc.constantFrom(Uint8Array.of(1, 2), Uint8Array.of(3, 4), new Uint8Array(300)),
      }),
    },
  ),
  { maxLength: 20 },
)

function chunkSizeMessage(bytes: number): Message {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(bytes)
  return { type: MessageType.setChunkSize, streamId: 0, timestamp: 0, chunkStreamId: 2, payload }
}

function writeShared(message: Message, chunkSize: number): Uint8Array {
  const { payload, timestamp, chunkStreamId } = message
  const length = chunkedMessageBytes(payload.length, timestamp, chunkStreamId, chunkSize)
  // Longer than needed, to see where the writer stops.
  const target = new Uint8Array(length + 1).fill(0x5a)
  writeChunkedMessage(target.subarray(0, length), message, payload, chunkSize)
  expect(target[length]).toBe(0x5a)
  return target.subarray(0, length)
}

const show = ({ payload, ...rest }: Message): ReadMessage => ({ ...rest, payload: toHex(payload) })

describe('ChunkWriter', () => {
  it('writes what a ChunkReader reads, whatever the messages and chunk sizes', () => {
    fc.assert(
      fc.property(steps, anyCuts(2000), (sequence, cuts) => {
        const writer = new ChunkWriter()
        const wire: Uint8Array[] = []
        const expected: Message[] = []
        for (const step of sequence) {
          const message = typeof step === 'number' ? chunkSizeMessage(step) : step
          wire.push(writer.encode(message))
          expected.push(message)
          if (typeof step === 'number') {
            writer.chunkSize = step
          }
        }
        const result = readPieces(cutAt(Buffer.concat(wire), cuts))
        expect(result.error).toBeNull()
        expect(result.chunkSize).toBe(writer.chunkSize)
        expect(result.messages).toEqual(expected.filter(({ payload }) => payload.length > 0).map(show))
      }),
      { numRuns: 300 },
    )
  })

  it('writes timestamps beyond 32 bits modulo 2^32', () => {
    const writer = new ChunkWriter()
    const message = { type: 9, streamId: 1, chunkStreamId: 6, payload: Uint8Array.of(1) }
    const times = [2 ** 32 - 20, 2 ** 32 + 20, 2 ** 32 + 60, 2 ** 40 + 5]
    const wire = times.map((timestamp) => writer.encode({ ...message, timestamp }))
    const { messages: read } = readPieces(whole(Buffer.concat(wire)))
    expect(read.map(({ timestamp }) => timestamp)).toEqual([2 ** 32 - 20, 20, 60, 5])
  })

  it('never needs more bytes than a writer without memory', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 10 }), (sequence) => {
        const writer = new ChunkWriter()
        for (const message of sequence) {
          expect(writer.encode(message).length).toBeLessThanOrEqual(writeShared(message, 128).length)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('uses the smallest header that says it: 12, 8, 4 and 1 byte', () => {
    const writer = new ChunkWriter()
    const sizes = [
      [9, 1000, 1],
      [8, 1040, 2],
      [8, 1060, 2],
      [8, 1080, 2],
    ].map(([type = 0, timestamp = 0, length = 0]) => {
      const message = { type, timestamp, streamId: 1, chunkStreamId: 6, payload: new Uint8Array(length) }
      return writer.encode(message).length - length
    })
    expect(sizes).toEqual([12, 8, 4, 1])
  })
})

describe('writeChunkedMessage', () => {
  it('writes what a ChunkReader reads, whichever messages came before', () => {
    fc.assert(
      fc.property(
        fc.array(messages, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(1, 128, 200, 60_000),
        anyCuts(2000),
        (sequence, chunkSize, cuts) => {
          const sized = [chunkSizeMessage(chunkSize), ...sequence]
          const wire = sized.map((message, i) => writeShared(message, i === 0 ? 128 : chunkSize))
          const result = readPieces(cutAt(Buffer.concat(wire), cuts))
          expect(result.error).toBeNull()
          expect(result.messages).toEqual(sized.filter(({ payload }) => payload.length > 0).map(show))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('writes timestamps beyond 32 bits modulo 2^32', () => {
    const message = {
      type: 9,
      streamId: 1,
      chunkStreamId: 6,
      payload: Uint8Array.of(1),
      timestamp: 3 * 2 ** 32 + 7,
    }
    expect(readPieces(whole(writeShared(message, 128))).messages).toMatchObject([{ timestamp: 7 }])
    const extended = { ...message, timestamp: 3 * 2 ** 32 - 7 }
    expect(readPieces(whole(writeShared(extended, 128))).messages).toMatchObject([{ timestamp: 2 ** 32 - 7 }])
  })

  it('writes any number as a time, within the bytes it says it needs', () => {
    const anyNumber = fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constantFrom(-1, 0.5, Number.NaN))
    fc.assert(
      fc.property(anyNumber, payloads, (timestamp, payload) => {
        const message = { type: 9, streamId: 1, chunkStreamId: 6, payload, timestamp }
        for (const bytes of [writeShared(message, 128), new ChunkWriter().encode(message)]) {
          const { error, messages: read } = readPieces(whole(bytes))
          expect(error).toBeNull()
          expect(read).toHaveLength(payload.length > 0 ? 1 : 0)
          if (Number.isSafeInteger(timestamp) && read.length > 0) {
            expect(read[0]?.timestamp).toBe(Number(BigInt.asUintN(32, BigInt(timestamp))))
          }
        }
      }),
    )
  })
})

/** A message's chunks, each with its header. */
function chunksOf(message: Message, withExtendedInType3: boolean): Uint8Array[] {
  const bytes = writeShared(message, 128)
  const basic = message.chunkStreamId < 64 ? 1 : message.chunkStreamId < 320 ? 2 : 3
  const extended = message.timestamp >= 0xffffff ? 4 : 0
  const chunks: Uint8Array[] = []
  for (let at = 0, sent = 0; at < bytes.length; ) {
    const headerBytes = basic + (sent === 0 ? 11 : 0) + extended
    const bodyBytes = Math.min(128, message.payload.length - sent)
    const end = at + headerBytes + bodyBytes
    const chunk = bytes.subarray(at, end)
    const keepsAll = withExtendedInType3 || sent === 0 || extended === 0
    chunks.push(keepsAll ? chunk : Buffer.concat([chunk.subarray(0, basic), chunk.subarray(basic + 4)]))
    at = end
    sent += bodyBytes
  }
  return chunks
}

describe('ChunkReader', () => {
  const onThreeStreams = fc
    .tuple(messages, messages, messages)
    .filter((three) => three.every(({ payload }) => payload.length > 0))
    .map((three) => three.map((message, i) => ({ ...message, chunkStreamId: [4, 100, 1000][i] ?? 5 })))

  it('puts messages together however their chunks are interleaved', () => {
    fc.assert(
      fc.property(onThreeStreams, fc.array(fc.nat({ max: 2 }), { maxLength: 40 }), (three, order) => {
        const queues = three.map((message) => chunksOf(message, true))
        const wire: Uint8Array[] = []
        const finished: Message[] = []
        for (const turn of [...order, ...Array(15).fill([0, 1, 2]).flat()] as number[]) {
          const queue = queues[turn] ?? []
          const chunk = queue.shift()
          const message = three[turn]
          if (chunk !== undefined && message !== undefined) {
            wire.push(chunk)
            finished.push(...(queue.length === 0 ? [message] : []))
          }
        }
        expect(finished).toHaveLength(3)
        const result = readPieces(whole(Buffer.concat(wire)))
        expect(result).toMatchObject({ error: null, messages: finished.map(show) })
      }),
      { numRuns: 100 },
    )
  })

  it('reads type 3 chunks without the extended timestamp, unless their payload looks like one', () => {
    const extendedTimes = fc.constantFrom(0x01000000, 0x01020304, 0x03030303, 0xc4c4c4c4)
    const similarBytes = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 0xc4), { minLength: 129, maxLength: 400 })
    let ambiguous = 0
    let partlyAlike = 0
    fc.assert(
      fc.property(extendedTimes, similarBytes, anyCuts(500), (timestamp, body, cuts) => {
        const payload = Uint8Array.from(body)
        const message = { type: 9, streamId: 1, chunkStreamId: 4, timestamp, payload }
        const next = { type: 8, streamId: 1, chunkStreamId: 5, timestamp: 0, payload: Uint8Array.of(9) }
        const chunks = [...chunksOf(message, false), writeShared(next, 128)]
        const extended = timestamp.toString(16).padStart(8, '0')
        const behindType3 = chunks
          .slice(1, -1)
          .map((_, i) => toHex(Buffer.concat(chunks.slice(1 + i)).subarray(1, 5)))
        if (behindType3.includes(extended)) {
          ambiguous++
          return
        }
        partlyAlike += behindType3.some((bytes) => bytes.startsWith(extended.slice(0, 2))) ? 1 : 0
        const result = readPieces(cutAt(Buffer.concat(chunks), cuts))
        expect(result).toMatchObject({ error: null, messages: [show(message), show(next)] })
      }),
      { numRuns: 300, seed: 1 },
    )
    expect(ambiguous).toBeLessThan(50)
    expect(partlyAlike).toBeGreaterThan(10)
  })
})
