import { ByteWriter } from '../bytes/index.ts'

const EXTENDED_MARK = 0xffffff

/** The header fields of a chunk that is written by hand. */
export type ChunkHeader = Readonly<{
  /** Chunk stream, 2 to 65599. */
  chunkStreamId: number
  /** Timestamp (type 0) or delta (types 1 and 2), ms; from 0xffffff on it goes into the extended field. */
  time?: number
  /** Length of the whole message, bytes. */
  length?: number
  /** Message type. */
  type?: number
  /** Message stream. */
  streamId?: number
}>

/** One chunk as Adobe RTMP 1.0, 5.3.1 draws it, in the type that is asked for; nothing is chosen or checked. */
export function chunk(format: 0 | 1 | 2 | 3, header: ChunkHeader, payload: Uint8Array): Uint8Array {
  const { chunkStreamId, time = 0, length = payload.length, type = 9, streamId = 1 } = header
  const writer = new ByteWriter()
  writer.writeBytes(basicHeader(format, chunkStreamId))
  if (format < 3) {
    writer.writeUint24(Math.min(time, EXTENDED_MARK))
  }
  if (format < 2) {
    writer.writeUint24(length).writeUint8(type)
  }
  if (format === 0) {
    writer.writeUint32LittleEndian(streamId)
  }
  if (time >= EXTENDED_MARK) {
    writer.writeUint32(time)
  }
  return writer.writeBytes(payload).bytes()
}

/** Basic header of one, two or three bytes (5.3.1.1). */
function basicHeader(format: number, id: number): Uint8Array {
  if (id < 64) {
    return Uint8Array.of((format << 6) + id)
  }
  if (id < 320) {
    return Uint8Array.of(format << 6, id - 64)
  }
  return Uint8Array.of((format << 6) + 1, (id - 64) % 256, Math.floor((id - 64) / 256))
}
