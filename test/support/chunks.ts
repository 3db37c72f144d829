import fc from 'fast-check'
import { ChunkReader, type Message } from '../../src/rtmp/index.ts'

/** Bytes written as hexadecimal digits; white space does not count. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
}

/** Bytes as hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** A message to compare by: its payload as text. */
export type ReadMessage = Omit<Message, 'payload'> & Readonly<{ payload: string }>

/** What came of reading bytes. */
export type ReadResult = Readonly<{ messages: ReadMessage[]; error: Error | null; chunkSize: number }>

/**
 * Hands pieces to a new reader through a reused buffer, as a socket would; stops at the first error.
 * @param lendsMedia of the reader
 */
export function readPieces(pieces: Iterable<Uint8Array>, lendsMedia = false): ReadResult {
  const messages: ReadMessage[] = []
  const reader = new ChunkReader(({ payload, ...header }) =>
    messages.push({ ...header, payload: toHex(payload) }),
  )
  reader.lendsMedia = lendsMedia
  for (const piece of pieces) {
    const slab = Buffer.from(piece)
    try {
      reader.push(slab)
    } catch (error) {
      return { messages, error: error as Error, chunkSize: reader.chunkSize }
    }
    slab.fill(0xee)
  }
  return { messages, error: null, chunkSize: reader.chunkSize }
}

/** `bytes` in one piece. */
export function whole(bytes: Uint8Array): Uint8Array[] {
  return [bytes]
}

/** `bytes` one at a time. */
export function* byteByByte(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) {
    yield bytes.subarray(i, i + 1)
  }
}

/** `bytes` cut at these places, in any order and possibly beyond the end. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

/** Places to cut `length` bytes at; often near one another, so that headers are cut. */
export function anyCuts(length: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat({ max: length }), { maxLength: 30 })
}

/** Bytes with a few of them overwritten, left out or put in. */
export function anyMutation(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat({ max: Math.max(0, bytes.length - 1) }),
    remove: fc.nat({ max: 3 }),
    insert: fc.uint8Array({ maxLength: 3 }),
  })
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let mutated = [...bytes]
    for (const { at, remove, insert } of changes) {
      mutated = [...mutated.slice(0, at), ...insert, ...mutated.slice(at + remove)]
    }
    return Uint8Array.from(mutated)
  })
}
