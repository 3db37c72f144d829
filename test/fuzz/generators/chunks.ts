import { ByteWriter } from '../../../src/bytes/index.ts'
import { ChunkWriter, type Message, MessageType } from '../../../src/rtmp/index.ts'
import type { Random } from '../lib/random.ts'

const TYPES = [...Object.values(MessageType), 0, 7, 255]

/** Chunks one after another, of every format, on ids of one to three bytes, more or less where they may stand. */
export function rawChunks(random: Random): Uint8Array {
  const writer = new ByteWriter()
  const count = 1 + random.small(30)
  let chunkSize = 128
  for (let i = 0; i < count; i++) {
    if (random.oneIn(12)) {
      chunkSize = random.oneIn(4) ? random.interesting(0xffffffff) : 1 + random.small(600)
      writer.writeBytes(chunkSizeMessage(chunkSize))
      continue
    }
    writeChunk(writer, random, Math.min(chunkSize, 1000))
  }
  return writer.bytes()
}

function writeChunk(writer: ByteWriter, random: Random, chunkSize: number): void {
  const format = random.oneIn(3) ? random.below(4) : random.pick([0, 3])
  writeBasicHeader(writer, format, random)
  const extended = random.oneIn(5)
  if (format < 3) {
    writer.writeUint24(extended ? 0xffffff : random.interesting(0xfffffe))
  }
  const length = random.oneIn(20) ? random.interesting(0xffffff) : random.small(700)
  if (format < 2) {
    writer.writeUint24(length).writeUint8(random.pick(TYPES))
  }
  if (format === 0) {
    writer.writeBytes(random.oneIn(3) ? random.bytes(4) : Uint8Array.of(random.small(20), 0, 0, 0))
  }
  if (extended) {
    writer.writeUint32(random.interesting(0xffffffff))
  }
  writer.writeBytes(random.bytes(Math.min(length, chunkSize, random.oneIn(10) ? random.small(50) : 1000)))
}

function writeBasicHeader(writer: ByteWriter, format: number, random: Random): void {
  const id = random.pick([2, 3, 3, 4, 5, 6, 63, random.below(64), 64, 319, 320, 65599])
  if (id < 64) {
    writer.writeUint8((format << 6) + id)
  } else if (id < 320) {
    writer.writeUint8(format << 6).writeUint8(id - 64)
  } else {
    writer
      .writeUint8((format << 6) + 1)
      .writeUint8((id - 64) % 256)
      .writeUint8(Math.floor((id - 64) / 256))
  }
}

function chunkSizeMessage(bytes: number): Uint8Array {
  return new ByteWriter()
    .writeBytes(Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0))
    .writeUint32(bytes)
    .bytes()
}

/** Messages as they go over the wire, with the chunk sizes that they announce; each next one written as is or interleaved. */
export function encodeMessages(messages: readonly Message[]): Uint8Array {
  const writer = new ChunkWriter()
  return Buffer.concat(
    messages.map((message) => {
      const bytes = writer.encode(message)
      if (message.type === MessageType.setChunkSize && message.payload.length >= 4) {
        const size = Buffer.from(message.payload).readUInt32BE()
        writer.chunkSize = Math.max(1, Math.min(size, 0x7fffffff))
      }
      return bytes
    }),
  )
}
