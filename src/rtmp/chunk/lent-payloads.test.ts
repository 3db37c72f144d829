import { describe, expect, it } from 'vitest'
import { ChunkReader } from './chunk-reader.ts'
import { chunkedMessageBytes, writeChunkedMessage } from './chunk-writer.ts'
import { LentPayloads } from './lent-payloads.ts'
import { MessageType } from './message.ts'

const CHUNK_BYTES = 128
const VIDEO_CHUNK_STREAM = 6

/** A message in chunks. */
function chunked(type: number, payload: Uint8Array, chunkStreamId: number = VIDEO_CHUNK_STREAM): Uint8Array {
  const bytes = new Uint8Array(chunkedMessageBytes(payload.length, 0, chunkStreamId, CHUNK_BYTES))
  writeChunkedMessage(bytes, { type, streamId: 1, timestamp: 0, chunkStreamId }, payload, CHUNK_BYTES)
  return bytes
}

describe('lent payloads', () => {
  it('have exactly the length that is asked for, and memory that serves again', () => {
    const payloads = new LentPayloads()
    const first = payloads.take(3000)
    expect(first).toHaveLength(3000)
    expect(payloads.take(3000).buffer).not.toBe(first.buffer)
    payloads.giveBack(first)
    const second = payloads.take(4000)
    expect(second).toHaveLength(4000)
    expect(second.buffer).toBe(first.buffer)
  })

  it('keep neither what is very large nor more than are under way at once', () => {
    const payloads = new LentPayloads()
    const large = payloads.take(10_000_000)
    payloads.giveBack(large)
    expect(payloads.take(10_000_000).buffer).not.toBe(large.buffer)
    const many = Array.from({ length: 100 }, () => payloads.take(1))
    for (const payload of many) {
      payloads.giveBack(payload)
    }
    const known = new Set(many.map(({ buffer }) => buffer))
    const again = Array.from({ length: 100 }, () => payloads.take(1)).filter(({ buffer }) =>
      known.has(buffer),
    )
    expect(again).toHaveLength(16)
  })
})

describe('a chunk reader that lends payloads', () => {
  it('takes the bytes that it was given for nobody’s memory, also after a message that was aborted', () => {
    const received: Buffer[] = []
    const reader = new ChunkReader(({ type, payload }) => {
      if (type === MessageType.video) {
        received.push(Buffer.from(payload))
      }
    })
    reader.lendsMedia = true
    // Of a size that payloads have, and used for all reads, as sockets do.
    const slab = Buffer.alloc(4096)
    const push = (bytes: Uint8Array): void => {
      slab.fill(0xee).set(bytes)
      reader.push(slab.subarray(0, bytes.length))
    }
    push(chunked(MessageType.video, new Uint8Array(300)).subarray(0, 12 + CHUNK_BYTES))
    push(chunked(MessageType.abort, Uint8Array.of(0, 0, 0, VIDEO_CHUNK_STREAM), 2))
    const small = Buffer.alloc(100, 1)
    // With what comes behind it, it is read where it is.
    push(Buffer.concat([chunked(MessageType.video, small), chunked(MessageType.video, small)]))
    const large = Buffer.alloc(3500, 2)
    const bytes = chunked(MessageType.video, large)
    push(bytes.subarray(0, 2000))
    push(bytes.subarray(2000))
    expect(received.map((payload, at) => payload.equals([small, small, large][at] ?? slab))).toEqual([
      true,
      true,
      true,
    ])
  })

  it('gives data to keep all the same', () => {
    const kept: Uint8Array[] = []
    const reader = new ChunkReader(({ payload }) => kept.push(payload))
    reader.lendsMedia = true
    const data = [Buffer.alloc(100, 1), Buffer.alloc(500, 2), Buffer.alloc(500, 3)]
    const bytes = Buffer.concat(data.map((payload) => chunked(MessageType.dataAmf0, payload)))
    reader.push(bytes)
    bytes.fill(0)
    expect(kept.map((payload) => Buffer.from(payload))).toEqual(data)
  })
})
