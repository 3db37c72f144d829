import type { ReadMessage } from './chunks.ts'

/** Bytes of a chunk stream and the messages they are. */
export type ChunkCase = Readonly<{
  name: string
  /** Hexadecimal. */
  wire: string
  messages: readonly ReadMessage[]
  /** `compact`: a ChunkWriter writes these bytes; `shared`: writeChunkedMessage does; `read`: only others do. */
  written: readonly ('compact' | 'shared')[]
}>

/** What only others write. */
export const READ_ONLY = [] as const
/** What a ChunkWriter writes. */
export const COMPACT = ['compact'] as const
/** What both writers write. */
export const BOTH = ['compact', 'shared'] as const

/** A message; `payload` is hexadecimal. */
export function m(
  chunkStreamId: number,
  type: number,
  streamId: number,
  timestamp: number,
  payload: string,
): ReadMessage {
  return { chunkStreamId, type, streamId, timestamp, payload }
}

/** `length` times the byte. */
export function fill(length: number, byte: string): string {
  return byte.repeat(length)
}

/** Payloads of so many bytes. */
export const A100: string = fill(100, 'aa')
export const A128: string = fill(128, 'aa')
