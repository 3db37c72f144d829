import { ByteReader } from '../../bytes/index.ts'
import type { Message } from '../chunk/index.ts'

const TWO_TO_32 = 0x100000000

/**
 * Takes an aggregate message apart (Adobe RTMP 1.0, 7.1.6): audio, video and data messages in the form of FLV tags. Their
 * timestamps count from that of the first, which stands for the aggregate's own; their message stream is the aggregate's.
 * @returns the messages; their payloads are views into the aggregate's. Empty ones are left out.
 * @throws ProtocolError if a part is cut short
 */
export function decodeAggregate({ payload, timestamp, streamId, chunkStreamId }: Message): Message[] {
  const reader = new ByteReader(payload)
  const messages: Message[] = []
  let first: number | null = null
  while (reader.remaining > 0) {
    const type = reader.readUint8()
    const size = reader.readUint24()
    const low = reader.readUint24()
    const time = reader.readUint8() * 0x1000000 + low
    reader.skip(3) // stream id: always 0
    const body = reader.readBytes(size)
    reader.skip(4) // back pointer: size of the part
    first ??= time
    if (size > 0) {
      messages.push({
        type,
        streamId,
        timestamp: (timestamp + time - first + TWO_TO_32) % TWO_TO_32,
        chunkStreamId,
        payload: body,
      })
    }
  }
  return messages
}
