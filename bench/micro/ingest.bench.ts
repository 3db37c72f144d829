import { systemClock } from '../../src/base/index.ts'
import { RtmpFormat } from '../../src/delivery/index.ts'
import { RtmpSource } from '../../src/ingest/index.ts'
import {
  defaultVhost,
  parseStreamName,
  StreamRegistry,
  type StreamRequest,
  Vhosts,
} from '../../src/live/index.ts'
import type { SocketSink } from '../../src/net/index.ts'
import {
  ChunkReader,
  ChunkWriter,
  encodeSetChunkSize,
  type Message,
  MessageType,
} from '../../src/rtmp/index.ts'
import { idleConnection } from '../../test/support/rtmp-connection.ts'
import type { MicroBench } from './micro-bench.ts'
import { sampleSecond } from './stream.ts'

const CHANNELS = {
  audio: { type: MessageType.audio, chunkStreamId: 6 },
  video: { type: MessageType.video, chunkStreamId: 7 },
}
const CHUNK_SIZE = 4096

/** A second of a stream that can be read again and again: but for the first, its times are steps. */
function readsOfSeconds(): { first: Uint8Array; again: Uint8Array[] } {
  const writer = new ChunkWriter()
  const announcement = writer.encode(encodeSetChunkSize(CHUNK_SIZE))
  writer.chunkSize = CHUNK_SIZE
  const second = (at: number): Uint8Array[] =>
    sampleSecond().map(({ kind, timestamp, body }) =>
      writer.encode({ ...CHANNELS[kind], streamId: 1, timestamp: at + timestamp, payload: body }),
    )
  // An encoder writes a frame when it has one, so each is a read of its own.
  return { first: Buffer.concat([announcement, ...second(0)]), again: second(1000) }
}

/** A stream that is published, and what takes the publisher's bytes. */
function publish(
  registry: StreamRegistry,
  name: string,
): { stream: ReturnType<StreamRegistry['open']>; reader: ChunkReader } {
  const stream = registry.open(parseStreamName(`live/${name}`))
  const request: StreamRequest = {
    name: stream.name,
    client: { id: name, protocol: 'rtmp', address: '127.0.0.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: '',
    pageUrl: '',
  }
  const source = new RtmpSource(idleConnection())
  source.begin(stream.publish(request, source))
  const reader = new ChunkReader((message: Message) => source.onMedia(message))
  return { stream, reader }
}

/** What takes everything, at no cost: what is measured is ours. */
function bottomlessSink(): SocketSink {
  const sink = { blocked: false, closed: false, write: () => true, cork: () => {}, uncork: () => {} }
  return { ...sink, addDrainListener: () => {}, removeDrainListener: () => {} } as unknown as SocketSink
}

const registry = new StreamRegistry({ vhosts: new Vhosts([defaultVhost]), clock: systemClock })
const { first, again } = readsOfSeconds()
const plain = publish(registry, 'plain')
const watched = publish(registry, 'watched')
for (const { reader } of [plain, watched]) {
  reader.push(first)
}
const broadcast = watched.stream.broadcast(new RtmpFormat(60_000, 1))
broadcast.join(bottomlessSink(), { onEnd: () => {} })
broadcast.join(bottomlessSink(), { onEnd: () => {} })

/** From a publisher's bytes to the stream's frames; and on to its players' sockets. */
export const benches: readonly MicroBench[] = [
  ['take in 1 s of a stream', plain] as const,
  ['take in 1 s of a stream, with two players', watched] as const,
].map(([name, { stream, reader }]): MicroBench => {
  return {
    name,
    mediaSeconds: 1,
    run: () => {
      const { frames } = stream.counters
      for (const read of again) {
        reader.push(read)
      }
      if (stream.counters.frames - frames !== again.length) {
        throw new Error('not every message became a frame')
      }
      return frames
    },
  }
})
