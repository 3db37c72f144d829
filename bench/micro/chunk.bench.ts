import {
  ChunkReader,
  ChunkWriter,
  chunkedMessageBytes,
  encodeSetChunkSize,
  type Message,
  MessageType,
  writeChunkedMessage,
} from '../../src/rtmp/index.ts'
import type { MicroBench } from './micro-bench.ts'
import { readsOf, sampleSecond } from './stream.ts'

const CHANNELS = {
  audio: { type: MessageType.audio, chunkStreamId: 6 },
  video: { type: MessageType.video, chunkStreamId: 7 },
}
/** Our server's chunk size, FFmpeg's and the protocol's own. */
const CHUNK_SIZES = [60_000, 4096, 128]

const messages: Message[] = sampleSecond().map(({ kind, timestamp, body }) => ({
  ...CHANNELS[kind],
  streamId: 1,
  timestamp,
  payload: body,
}))
const longest = Math.max(...messages.map(({ payload }) => payload.length))
const target = new Uint8Array(2 * longest + 64)

function written(chunkSize: number): Uint8Array {
  const writer = new ChunkWriter()
  const announcement = writer.encode(encodeSetChunkSize(chunkSize))
  writer.chunkSize = chunkSize
  return Buffer.concat([announcement, ...messages.map((message) => writer.encode(message))])
}

function readMessages(reads: readonly Uint8Array[]): number {
  let count = 0
  const reader = new ChunkReader(() => {
    count++
  })
  for (const read of reads) {
    reader.push(read)
  }
  return count
}

/** Reading what a publisher sends, writing what all players get, and writing for one peer. */
export const benches: readonly MicroBench[] = [
  ...CHUNK_SIZES.map((chunkSize): MicroBench => {
    const reads = readsOf(written(chunkSize))
    if (readMessages(reads) !== messages.length + 1) {
      throw new Error('what was written is not what is read')
    }
    return {
      name: `read 1 s of a stream, chunks of ${chunkSize}`,
      mediaSeconds: 1,
      run: () => readMessages(reads),
    }
  }),
  ...CHUNK_SIZES.map((chunkSize): MicroBench => {
    return {
      name: `write 1 s of a stream for all, chunks of ${chunkSize}`,
      mediaSeconds: 1,
      run: () => {
        let bytes = 0
        for (const message of messages) {
          const { payload, timestamp, chunkStreamId } = message
          bytes += chunkedMessageBytes(payload.length, timestamp, chunkStreamId, chunkSize)
          writeChunkedMessage(target, message, payload, chunkSize)
        }
        return bytes
      },
    }
  }),
  {
    name: 'write 1 s of a stream for one',
    mediaSeconds: 1,
    run: () => {
      const writer = new ChunkWriter()
      writer.chunkSize = 60_000
      return messages.reduce((bytes, message) => bytes + writer.encode(message).length, 0)
    },
  },
]
