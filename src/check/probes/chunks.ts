import {
  encodeSetChunkSize,
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  MessageType,
  UserControlEvent,
} from '../../rtmp/index.ts'
import { type Probe, ProbeFailure, ProbeUnknown } from '../probe.ts'
import type { ProbeBench } from '../probe-bench.ts'
import { type ChunkHeader, chunk } from '../raw-chunks.ts'
import type { Relay } from '../relay.ts'
import { testMedia } from '../test-media.ts'

/** Chunk streams that nothing else here uses, so that chunks by hand don't disturb the writer's. */
const [FIRST_ID, SECOND_ID] = [20, 21]
const DEFAULT_CHUNK_SIZE = 128
const TWO_TO_24 = 0x1000000

/** How messages are cut into chunks. */
export const chunkProbes: readonly Probe[] = [
  sizeProbe('chunk.size-128', 'chunks of 128 bytes, the default', null, 1000),
  sizeProbe('chunk.size-1', 'Set Chunk Size 1', 1, 60),
  sizeProbe('chunk.size-65536', 'Set Chunk Size 65536', 65_536, 150_000),
  sizeProbe(
    'chunk.size-2-31',
    'Set Chunk Size 2147483647, a message of 150 kB in one chunk',
    0x7fffffff,
    150_000,
  ),
  idProbe('chunk.id-2-bytes', 'chunk stream 100: basic header of 2 bytes', 100),
  idProbe('chunk.id-3-bytes', 'chunk stream 1000: basic header of 3 bytes', 1000),
  idProbe('chunk.id-65599', 'chunk stream 65599, the last there is', 65_599),
  {
    id: 'chunk.type-1-and-2',
    title: 'types 1 and 2: deltas of time, length kept',
    reference: 'Adobe RTMP 1.0, 5.3.1.2.2 and 5.3.1.2.3',
    run: (bench) =>
      relaysRaw(bench, (relay, frame) => {
        const header = { chunkStreamId: FIRST_ID, streamId: relay.streamId }
        return [
          [chunk(0, { ...header, time: 1000 }, frame(0)), 0],
          [chunk(1, { ...header, time: 40 }, frame(1)), 40],
          [chunk(2, { ...header, time: 30 }, frame(2)), 70],
        ]
      }),
  },
  {
    id: 'chunk.type-3-begins-message',
    title: 'type 3 begins a message: the last delta again',
    reference: 'Adobe RTMP 1.0, 5.3.1.2.4',
    run: (bench) =>
      relaysRaw(bench, (relay, frame) => {
        const header = { chunkStreamId: FIRST_ID, streamId: relay.streamId }
        return [
          [chunk(0, { ...header, time: 1000 }, frame(0)), 0],
          [chunk(2, { ...header, time: 40 }, frame(1)), 40],
          [chunk(3, header, frame(2)), 80],
          [chunk(3, header, frame(3)), 120],
        ]
      }),
  },
  extendedProbe('chunk.extended-repeated', 'extended timestamp, repeated in type 3', '5.3.1.3', true),
  extendedProbe(
    'chunk.extended-not-repeated',
    'extended timestamp, not repeated in type 3',
    'field (librtmp, old FFmpeg)',
    false,
  ),
  {
    id: 'chunk.interleaved',
    title: 'audio between the chunks of a video message',
    reference: 'Adobe RTMP 1.0, 5.3.2.2 and 5.3',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const video = testMedia.keyFrame(600, relay.nextMark())
      const audio = testMedia.aacFrame(300, relay.nextMark())
      const ids = { streamId: relay.streamId, time: 80 }
      const videoChunks = cut({ ...ids, chunkStreamId: FIRST_ID, type: MessageType.video }, video)
      const audioChunks = cut({ ...ids, chunkStreamId: SECOND_ID, type: MessageType.audio }, audio)
      for (const [index, bytes] of videoChunks.entries()) {
        relay.publisher.write(bytes)
        relay.publisher.write(audioChunks[index] ?? new Uint8Array(0))
      }
      await relay.arrival('the audio message', audio)
      await relay.arrival('the video message', video)
    },
  },
  {
    id: 'chunk.abort',
    title: 'Abort: what was begun is dropped, the next message is whole',
    reference: 'Adobe RTMP 1.0, 5.4.2',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const header = { chunkStreamId: FIRST_ID, streamId: relay.streamId, time: 80 }
      const [begun = new Uint8Array(0)] = cut(header, testMedia.interFrame(500, relay.nextMark()))
      const body = testMedia.keyFrame(300, relay.nextMark())
      const abort = Uint8Array.of(0, 0, 0, FIRST_ID)
      relay.publisher.write(begun)
      relay.publisher.write(chunk(0, { chunkStreamId: 2, type: MessageType.abort, streamId: 0 }, abort))
      relay.publisher.write(Buffer.concat(cut({ ...header, time: 120 }, body)))
      await relay.arrival('the message behind the abort', body)
    },
  },
  {
    id: 'chunk.empty-message',
    title: 'a message of length 0 disturbs nothing',
    reference: 'Adobe RTMP 1.0, 5.3.1.2 (no least length); field (encoders send empty audio)',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const header = { chunkStreamId: FIRST_ID, streamId: relay.streamId, time: 80 }
      relay.publisher.write(chunk(0, { ...header, type: MessageType.audio }, new Uint8Array(0)))
      relay.publisher.write(chunk(0, header, new Uint8Array(0)))
      await relay.passes('a frame behind an empty message')
    },
  },
  {
    id: 'control.acknowledgement',
    title: 'the server acknowledges what it received',
    reference: 'Adobe RTMP 1.0, 5.4.3 and 5.4.4',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const { publisher } = relay
      publisher.send(encodeWindowAcknowledgementSize(20_000))
      for (let frame = 1; frame <= 20; frame++) {
        publisher.send(relay.video(frame * 40, testMedia.interFrame(5000, relay.nextMark())))
      }
      await publisher.waitFor(
        'Acknowledgement behind 100 kB with a window of 20 kB',
        () => publisher.messages.find(({ type }) => type === MessageType.acknowledgement) ?? null,
      )
    },
  },
  {
    id: 'control.ping',
    title: 'PingRequest is answered with its own timestamp',
    reference: 'Adobe RTMP 1.0, 7.1.7',
    async run(bench): Promise<void> {
      const connection = await bench.connect()
      connection.send(encodeUserControl(UserControlEvent.pingRequest, 0x01020304))
      const wanted = Buffer.from([0, UserControlEvent.pingResponse, 1, 2, 3, 4])
      await connection.waitFor(
        'PingResponse with the timestamp of the request',
        () =>
          connection.messages.find(
            ({ type, payload }) => type === MessageType.userControl && wanted.equals(payload.subarray(0, 6)),
          ) ?? null,
      )
    },
  },
]

function sizeProbe(id: string, title: string, size: number | null, frameBytes: number): Probe {
  return {
    id,
    title,
    reference: 'Adobe RTMP 1.0, 5.4.1',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      if (size !== null) {
        relay.publisher.send(encodeSetChunkSize(size))
        relay.publisher.writer.chunkSize = size
      }
      const body = testMedia.keyFrame(frameBytes, relay.nextMark())
      relay.publisher.send(relay.video(80, body))
      await arrivesIntact(relay, body)
    },
  }
}

function idProbe(id: string, title: string, chunkStreamId: number): Probe {
  return {
    id,
    title,
    reference: 'Adobe RTMP 1.0, 5.3.1.1',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const body = testMedia.keyFrame(400, relay.nextMark())
      relay.publisher.write(Buffer.concat(cut({ chunkStreamId, streamId: relay.streamId, time: 80 }, body)))
      await arrivesIntact(relay, body)
    },
  }
}

function extendedProbe(id: string, title: string, section: string, repeated: boolean): Probe {
  return {
    id,
    title,
    reference: section.startsWith('5') ? `Adobe RTMP 1.0, ${section}` : section,
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const body = testMedia.keyFrame(500, relay.nextMark())
      const header = { chunkStreamId: FIRST_ID, streamId: relay.streamId, time: TWO_TO_24 + 1234 }
      relay.publisher.write(Buffer.concat(cut(header, body, repeated)))
      relay.video(header.time, body)
      await arrivesIntact(relay, body)
    },
  }
}

async function arrivesIntact(relay: Relay, body: Uint8Array): Promise<void> {
  try {
    await relay.arrival('the message', body)
  } catch (error) {
    relay.requireIntact(body)
    throw error
  }
}

/** A message in chunks of the default size, by hand. @param repeatTime the extended timestamp stands in each chunk */
function cut(header: ChunkHeader, payload: Uint8Array, repeatTime = true): Uint8Array[] {
  const { time = 0 } = header
  const chunks: Uint8Array[] = []
  for (let from = 0; from < payload.length; from += DEFAULT_CHUNK_SIZE) {
    const part = payload.subarray(from, from + DEFAULT_CHUNK_SIZE)
    const whole = { ...header, length: payload.length }
    const next = { ...header, time: repeatTime ? time : 0 }
    chunks.push(from === 0 ? chunk(0, whole, part) : chunk(3, next, part))
  }
  return chunks
}

/** Sends frames by hand and compares their times at the player with what they should be after the first. */
async function relaysRaw(
  bench: ProbeBench,
  make: (
    relay: Relay,
    frame: (index: number) => Uint8Array,
  ) => readonly (readonly [bytes: Uint8Array, timeMs: number])[],
): Promise<void> {
  const relay = await bench.relay()
  const bodies = [relay.nextMark(), relay.nextMark(), relay.nextMark(), relay.nextMark()].map((mark) =>
    testMedia.keyFrame(50, mark),
  )
  const sent = make(relay, (index) => bodies[index] ?? new Uint8Array(0))
  relay.publisher.write(Buffer.concat(sent.map(([bytes]) => bytes)))
  relay.video(2000, new Uint8Array(0))
  const times: number[] = []
  for (const [index] of sent.entries()) {
    const message = await relay.arrival(`frame ${index + 1}`, bodies[index] ?? new Uint8Array(0))
    times.push(message.timestamp)
  }
  const [first] = times
  if (first === undefined) {
    throw new ProbeUnknown('nothing was sent')
  }
  const wrong = sent.findIndex(([, timeMs], index) => (times[index] ?? 0) - first !== timeMs)
  if (wrong >= 0) {
    throw new ProbeFailure(
      `times at the player are ${times.join(', ')}; frame ${wrong + 1} should be ${first + (sent[wrong]?.[1] ?? 0)}`,
    )
  }
}
