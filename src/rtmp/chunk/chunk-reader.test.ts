import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkCases } from '../../../test/support/chunk-cases.ts'
import {
  anyCuts,
  anyMutation,
  byteByByte,
  cutAt,
  hex,
  readPieces,
  whole,
} from '../../../test/support/chunks.ts'
import { ProtocolError } from '../../base/index.ts'
import { chunkedMessageBytes } from './chunk-writer.ts'
import { ChunkReader, ChunkWriter, type Message, MessageType, writeChunkedMessage } from './index.ts'

/** What a case's messages are when written, each with the chunk size in force. */
function writeCase(messages: readonly Message[], how: 'compact' | 'shared'): string {
  const writer = new ChunkWriter()
  return messages
    .map((message) => {
      const { chunkSize } = writer
      const bytes = how === 'compact' ? writer.encode(message) : writeShared(message, chunkSize)
      if (message.type === MessageType.setChunkSize) {
        writer.chunkSize = Buffer.from(message.payload).readUInt32BE()
      }
      return Buffer.from(bytes).toString('hex')
    })
    .join('')
}

function writeShared(message: Message, chunkSize: number): Uint8Array {
  const { payload, timestamp, chunkStreamId } = message
  const bytes = new Uint8Array(chunkedMessageBytes(payload.length, timestamp, chunkStreamId, chunkSize))
  writeChunkedMessage(bytes, message, payload, chunkSize)
  return bytes
}

describe.each(chunkCases)('the chunks of $name', ({ wire, messages, written }) => {
  const bytes = hex(wire)

  it('are read as the messages they are', () => {
    expect(readPieces(whole(bytes))).toMatchObject({ messages, error: null })
  })

  it('are read alike whole, byte by byte and cut anywhere', () => {
    const expected = readPieces(whole(bytes))
    expect(readPieces(byteByByte(bytes))).toEqual(expected)
    expect(readPieces(byteByByte(bytes), true)).toEqual(expected)
    fc.assert(
      fc.property(anyCuts(bytes.length), (cuts) => {
        expect(readPieces(cutAt(bytes, cuts))).toEqual(expected)
        expect(readPieces(cutAt(bytes, cuts), true)).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  })

  it(`are ${written.length === 0 ? 'not written' : `written by the ${written.join(' and the ')} writer`}`, () => {
    const decoded = messages.map((message) => ({ ...message, payload: hex(message.payload) }))
    const expected = wire.replaceAll(/\s/g, '')
    for (const how of ['compact', 'shared'] as const) {
      expect(writeCase(decoded, how) === expected, how).toBe(written.includes(how))
    }
  })

  it('with bytes changed are messages or a ProtocolError, alike however they are cut', () => {
    fc.assert(
      fc.property(anyMutation(bytes), anyCuts(bytes.length), (mutated, cuts) => {
        const result = readPieces(whole(mutated))
        expect(result.error ?? new ProtocolError('none')).toBeInstanceOf(ProtocolError)
        expect(readPieces(cutAt(mutated, cuts))).toEqual(result)
      }),
      { numRuns: 25 },
    )
  })
})

describe('ChunkReader', () => {
  it('turns random bytes into messages or a ProtocolError, alike however they are cut', () => {
    let messages = 0
    let errors = 0
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 400, size: 'max' })
    // Small lengths, so that some messages get complete.
    const mostlyZero = bytes.map((random) => random.map((byte, i) => (i % 3 === 0 ? byte : 0)))
    fc.assert(
      fc.property(fc.oneof(bytes, mostlyZero), anyCuts(400), (random, cuts) => {
        const result = readPieces(whole(random))
        expect(result.error ?? new ProtocolError('none')).toBeInstanceOf(ProtocolError)
        expect(readPieces(cutAt(random, cuts))).toEqual(result)
        messages += result.messages.length
        errors += result.error === null ? 0 : 1
      }),
      { numRuns: 300 },
    )
    expect(messages).toBeGreaterThan(0)
    expect(errors).toBeGreaterThan(0)
  })

  it('waits with a last payload that could be the extended timestamp until it is told apart', () => {
    const messages: Message[] = []
    const reader = new ChunkReader((message) => messages.push(message))
    reader.push(hex(`07 ffffff 000082 09 01000000 01020304 ${'aa'.repeat(128)} c7 0102`))
    expect(messages).toHaveLength(0)
    reader.push(hex('06'))
    expect(messages.map(({ payload }) => payload.length)).toEqual([130])
  })

  it('gives every message a payload of its own bytes, exactly, whatever happens to the input or to its neighbours', () => {
    const payloads: Uint8Array[] = []
    const reader = new ChunkReader(({ payload }) => payloads.push(payload))
    const bytes = hex('06 000000 000003 09 01000000 aabbcc  c6 ddeeff')
    reader.push(bytes)
    bytes.fill(0)
    expect(payloads.map((payload) => Buffer.from(payload).toString('hex'))).toEqual(['aabbcc', 'ddeeff'])
    payloads[0]?.fill(0)
    expect(payloads[1]).toEqual(Buffer.from('ddeeff', 'hex'))
  })

  it('gives the same messages, one after the other, when it is held at each and however the bytes are cut', () => {
    for (const { wire } of chunkCases) {
      const bytes = Buffer.from(hex(wire))
      const expected = readPieces(whole(bytes)).messages
      fc.assert(
        fc.property(anyCuts(bytes.length), (cuts) => {
          const messages: Message[] = []
          const reader = new ChunkReader((message) => {
            messages.push(message)
            reader.hold()
          })
          for (const piece of cutAt(bytes, cuts)) {
            const mine = Buffer.from(piece)
            reader.push(mine)
            mine.fill(0xff)
          }
          for (let given = 1; given <= expected.length; given++) {
            expect(messages).toHaveLength(given)
            reader.resume()
          }
          expect(
            messages.map(({ payload, ...rest }) => ({
              ...rest,
              payload: Buffer.from(payload).toString('hex'),
            })),
          ).toEqual(expected)
          expect(reader.heldBytes).toBe(0)
        }),
        { numRuns: 5 },
      )
    }
  })

  it('tells how much it holds, with what every piece costs', () => {
    const reader = new ChunkReader(() => {})
    reader.push(hex('06'))
    expect(reader.heldBytes).toBe(0)
    reader.hold()
    reader.push(new Uint8Array(100))
    reader.push(new Uint8Array(1))
    expect(reader.heldBytes).toBe(101 + 2 * 64)
  })

  it('tells the chunk size in force', () => {
    const reader = new ChunkReader(() => {})
    expect(reader.chunkSize).toBe(128)
    reader.push(hex('02 000000 000004 01 00000000 7fffffff'))
    expect(reader.chunkSize).toBe(0x7fffffff)
  })
})
