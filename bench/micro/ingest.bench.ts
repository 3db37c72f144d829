import { systemClock } from '../../src/base/index.ts'
import { RtmpFormat } from '../../src/delivery/index.ts'
import { RtmpSource } from '../../src/ingest/index.ts'
import {
  defaultVhost,
  parseStreamName,
  StreamRegistry,
  type StreamRequest,
  UNWATCHED_LATENESS_MS,
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
const CROWD = 300

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
type Published = { stream: ReturnType<StreamRegistry['open']>; reader: ChunkReader }

function publish(registry: StreamRegistry, name: string): Published {
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
  // As a server's connection does it.
  reader.lendsMedia = true
  return { stream, reader }
}

/** What takes everything, at no cost: what is measured is ours. */
function bottomlessSink(): SocketSink {
  const sink = {
    blocked: false,
    closed: false,
    bytesWaiting: 0,
    write: () => true,
    cork: () => {},
    uncork: () => {},
  }
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

/** As many streams as no processor has in its caches at once, and a second of each as it is read while nobody watches. */
const crowd = Array.from({ length: CROWD }, (_none, index) => publish(registry, `crowd-${index}`))
for (const { reader } of crowd) {
  reader.push(first)
}
const together = Math.ceil((again.length * UNWATCHED_LATENESS_MS) / 1000)
const lateReads = Array.from({ length: Math.ceil(again.length / together) }, (_none, index) =>
  Buffer.concat(again.slice(index * together, (index + 1) * together)),
)

const takenIn: readonly [name: string, streams: readonly Published[], reads: readonly Uint8Array[]][] = [
  ['take in 1 s of a stream', [plain], again],
  ['take in 1 s of a stream, with two players', [watched], again],
  [`take in 1 s of each of ${CROWD} streams, in turn`, crowd, lateReads],
]

/** From a publisher's bytes to the stream's frames; and on to its players' sockets. */
export const benches: readonly MicroBench[] = takenIn.map(([name, streams, reads]): MicroBench => {
  const countFrames = (): number => streams.reduce((sum, { stream }) => sum + stream.counters.frames, 0)
  return {
    name,
    mediaSeconds: streams.length,
    run: () => {
      const before = countFrames()
      for (const read of reads) {
        for (const { reader } of streams) {
          reader.push(read)
        }
      }
      if (countFrames() - before !== streams.length * again.length) {
        throw new Error('not every message became a frame')
      }
      return before
    },
  }
})
