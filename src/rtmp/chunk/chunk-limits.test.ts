import { describe, expect, it } from 'vitest'
import { byteByByte, hex, readPieces, whole } from '../../../test/support/chunks.ts'
import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  ChunkReader,
  MAX_CHUNK_SIZE_BYTES,
  MAX_CHUNK_STREAMS,
  MAX_MESSAGE_BYTES,
  MAX_MESSAGE_BYTES_BEFORE_PUBLISH,
  MAX_PARTIAL_MESSAGE_BYTES,
} from './index.ts'

const aa = (count: number) => 'aa'.repeat(count)

/** What a peer may not send. */
const errors: readonly Readonly<{ name: string; wire: string; error: ProtocolError }>[] = [
  {
    name: 'a chunk stream that begins with type 2',
    wire: '86 000000 aa',
    error: new ProtocolError('chunk stream 6 begins with a type 2 chunk: there is no header to continue'),
  },
  {
    name: 'a chunk stream that begins with type 3',
    wire: 'c1 ffff',
    error: new ProtocolError('chunk stream 65599 begins with a type 3 chunk: there is no header to continue'),
  },
  ...[0, 1, 2].map((format) => ({
    name: `a type ${format} chunk in the midst of a message`,
    wire: `06 000000 000081 09 01000000 ${aa(128)} ${(format * 64 + 6).toString(16).padStart(2, '0')}
      000000 000000 00 00000000`,
    error: new ProtocolError(
      `chunk stream 6: a type ${format} chunk begins while a message has 128 of 129 bytes`,
    ),
  })),
  {
    name: 'a chunk size of 0',
    wire: '02 000000 000004 01 00000000 00000000',
    error: new ProtocolError('Set Chunk Size to 0: must be 1 to 2147483647'),
  },
  {
    name: 'a chunk size of 32 bits',
    wire: '02 000000 000004 01 00000000 80000000',
    error: new ProtocolError('Set Chunk Size to 2147483648: must be 1 to 2147483647'),
  },
  {
    name: 'a Set Chunk Size that is cut short',
    wire: '02 000000 000003 01 00000000 000001',
    error: new ProtocolError('Set Chunk Size has 3 bytes, needs 4'),
  },
  {
    name: 'an Abort that is cut short',
    wire: '02 000000 000001 02 00000000 07',
    error: new ProtocolError('Abort has 1 bytes, needs 4'),
  },
]

describe('ChunkReader', () => {
  it.each(errors)('refuses $name and says so', ({ wire, error }) => {
    for (const pieces of [whole(hex(wire)), byteByByte(hex(wire))]) {
      const result = readPieces(pieces)
      expect(result.error).toBeInstanceOf(ProtocolError)
      expect(result.error).toEqual(error)
      expect(result.messages).toEqual([])
    }
  })

  it('knows the largest chunk size there is', () => {
    expect(MAX_CHUNK_SIZE_BYTES).toBe(0x7fffffff)
    expect(readPieces(whole(hex('02 000000 000004 01 00000000 7fffffff'))).error).toBeNull()
  })

  it('takes a message of MAX_MESSAGE_BYTES, and refuses a longer one at its header', () => {
    const lengths: number[] = []
    const reader = new ChunkReader(({ payload }) => lengths.push(payload.length))
    reader.push(hex('02 000000 000004 01 00000000 7fffffff'))
    reader.push(header(6, MAX_MESSAGE_BYTES))
    reader.push(new Uint8Array(MAX_MESSAGE_BYTES))
    expect(lengths).toEqual([4, MAX_MESSAGE_BYTES])
    expect(() => reader.push(header(6, MAX_MESSAGE_BYTES + 1))).toThrow(
      new LimitError('MAX_MESSAGE_BYTES', MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES + 1),
    )
  })

  it('refuses a longer message in type 1, too', () => {
    const reader = new ChunkReader(() => {})
    reader.push(hex('06 000000 000001 09 01000000 aa'))
    expect(() => reader.push(hex('46 000000 ffffff 09'))).toThrow(
      new LimitError('MAX_MESSAGE_BYTES', MAX_MESSAGE_BYTES, 0xffffff),
    )
  })

  it('holds MAX_PARTIAL_MESSAGE_BYTES of messages under way, and no more', () => {
    const lengths: number[] = []
    const reader = new ChunkReader(({ payload }) => lengths.push(payload.length))
    const rest = MAX_PARTIAL_MESSAGE_BYTES - MAX_MESSAGE_BYTES
    const chunk = new Uint8Array(128)
    reader.push(header(6, MAX_MESSAGE_BYTES))
    reader.push(chunk)
    reader.push(header(7, rest))
    reader.push(chunk)
    expect(lengths).toEqual([])
    expect(() => reader.push(header(8, 1))).toThrow(
      new LimitError('MAX_PARTIAL_MESSAGE_BYTES', MAX_PARTIAL_MESSAGE_BYTES, MAX_PARTIAL_MESSAGE_BYTES + 1),
    )
  })

  it('counts only messages under way: what is complete or aborted makes room', () => {
    const lengths: number[] = []
    const reader = new ChunkReader(({ type, payload }) => lengths.push(type === 9 ? payload.length : 0))
    for (let round = 0; round < 5; round++) {
      reader.push(header(6, MAX_MESSAGE_BYTES))
      reader.push(new Uint8Array(128))
      reader.push(hex('02 000000 000004 02 00000000 00000006'))
    }
    reader.push(hex('02 000000 000004 01 00000000 7fffffff'))
    for (let round = 0; round < 3; round++) {
      reader.push(header(7, MAX_MESSAGE_BYTES))
      reader.push(new Uint8Array(MAX_MESSAGE_BYTES))
    }
    expect(lengths).toEqual([...Array(6).fill(0), ...Array(3).fill(MAX_MESSAGE_BYTES)])
  })

  it('holds MAX_MESSAGE_BYTES_BEFORE_PUBLISH of messages under way, and no more, while it takes no media', () => {
    const reader = new ChunkReader(() => {})
    reader.takesMedia = false
    const chunk = new Uint8Array(128)
    reader.push(header(6, MAX_MESSAGE_BYTES_BEFORE_PUBLISH - 200))
    reader.push(chunk)
    reader.push(header(7, 200))
    reader.push(chunk)
    expect(() => reader.push(header(8, 1))).toThrow(
      new LimitError(
        'MAX_MESSAGE_BYTES_BEFORE_PUBLISH',
        MAX_MESSAGE_BYTES_BEFORE_PUBLISH,
        MAX_MESSAGE_BYTES_BEFORE_PUBLISH + 1,
      ),
    )
  })

  it('takes MAX_CHUNK_STREAMS chunk streams, and no more', () => {
    const ids: number[] = []
    const reader = new ChunkReader(({ chunkStreamId }) => ids.push(chunkStreamId))
    for (let i = 0; i < MAX_CHUNK_STREAMS; i++) {
      reader.push(Buffer.concat([header(3 + i, 1), hex('aa')]))
    }
    expect(ids).toEqual(Array.from({ length: MAX_CHUNK_STREAMS }, (_, i) => 3 + i))
    reader.push(Buffer.concat([header(3, 1), hex('aa')]))
    expect(() => reader.push(header(3 + MAX_CHUNK_STREAMS, 1))).toThrow(
      new LimitError('MAX_CHUNK_STREAMS', MAX_CHUNK_STREAMS, MAX_CHUNK_STREAMS + 1),
    )
  })
})

/** A type 0 chunk header of a video message. */
function header(chunkStreamId: number, length: number): Uint8Array {
  const basic = chunkStreamId < 64 ? [chunkStreamId] : [0, chunkStreamId - 64]
  const size = [Math.floor(length / 0x10000), Math.floor(length / 0x100) % 256, length % 256]
  return Uint8Array.from([...basic, 0, 0, 0, ...size, 9, 1, 0, 0, 0])
}
