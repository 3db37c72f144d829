import { randomBytes } from 'node:crypto'
import { encodeAmf0 } from '../../media/index.ts'
import { encodeSetChunkSize, MessageType } from '../../rtmp/index.ts'
import type { CheckConnection } from '../check-connection.ts'
import { type Probe, ProbeUnknown } from '../probe.ts'
import type { ProbeBench } from '../probe-bench.ts'
import { chunk } from '../raw-chunks.ts'
import { testMedia } from '../test-media.ts'

const LONGEST_MESSAGE = 0xffffff
/** Enough that it does not all fit into the buffers of the system on the way. */
const SLOW_READER_BYTES = 12 * 1024 * 1024
const SLOW_READER_FRAME_BYTES = 60_000
/** Frames that the player who reads may lack: a second of them, as servers merge what they write. */
const FRAMES_UNDER_WAY = 25
/** Objects in objects. */
const AMF_DEPTH = 4000

/** Clients that mean harm, and such that merely do harm: whoever they are, others are served. */
export const robustnessProbes: readonly Probe[] = [
  badClient('robust.http', 'an HTTP request instead of a handshake', 'field', async (bench) => {
    const connection = await bench.open()
    connection.write(Buffer.from(`GET / HTTP/1.1\r\nHost: host\r\n\r\n${'x'.repeat(2000)}`))
    return connection
  }),
  badClient('robust.garbage', 'random bytes behind the handshake', 'Adobe RTMP 1.0, 5.3.1', async (bench) => {
    const connection = await bench.shakeHands()
    // A type 3 chunk of a chunk stream that never began.
    connection.write(Buffer.concat([Uint8Array.of(0xc5), randomBytes(20_000)]))
    return connection
  }),
  badClient(
    'robust.huge-messages',
    '60 messages of 16 MB begun and not ended',
    'field (memory)',
    async (bench) => {
      const connection = await bench.connect()
      for (let index = 0; index < 60; index++) {
        const header = { chunkStreamId: 70 + index, length: LONGEST_MESSAGE }
        connection.write(chunk(0, header, new Uint8Array(128)))
      }
      return connection
    },
  ),
  badClient(
    'robust.deep-amf',
    `AMF objects ${AMF_DEPTH} deep in connect`,
    'AMF0, 2.5 (no depth stated)',
    async (bench) => {
      const connection = await bench.shakeHands()
      const level = Uint8Array.of(0, 1, 0x61, 3)
      const levels = Array.from({ length: AMF_DEPTH }, () => level)
      const payload = Buffer.concat([encodeAmf0('connect', 1), Uint8Array.of(3), ...levels])
      connection.send({ type: MessageType.commandAmf0, streamId: 0, timestamp: 0, chunkStreamId: 3, payload })
      return connection
    },
  ),
  {
    id: 'robust.cut-publisher',
    title: 'a publisher vanishes within a message: its player stays, others are served',
    reference: 'field',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      await relay.passes('a frame')
      relay.publisher.write(
        chunk(
          0,
          { chunkStreamId: 20, streamId: relay.streamId, time: 200, length: 5000 },
          new Uint8Array(128),
        ),
      )
      relay.publisher.close()
      await bench.stillServes()
    },
  },
  {
    id: 'robust.slow-reader',
    title: `a player that reads nothing does not hold up another (${SLOW_READER_BYTES / 2 ** 20} MiB)`,
    reference: 'field',
    async run(bench): Promise<void> {
      const name = bench.newName()
      const { connection, streamId } = await bench.publish(name)
      connection.send(encodeSetChunkSize(65_536))
      connection.writer.chunkSize = 65_536
      const video = (timestamp: number, payload: Uint8Array) =>
        ({ type: MessageType.video, streamId, timestamp, chunkStreamId: 6, payload }) as const
      connection.send(video(0, testMedia.avcHeader()), video(0, testMedia.keyFrame(40, 1)))
      const [slow, other] = [await bench.play(name), await bench.play(name)]
      slow.pauseReading()
      const frames = Math.ceil(SLOW_READER_BYTES / SLOW_READER_FRAME_BYTES)
      for (let frame = 1; frame <= frames; frame++) {
        const body = testMedia.keyFrame(SLOW_READER_FRAME_BYTES, frame % 250)
        connection.send(video(frame * 40, body))
        if (connection.blocked) {
          await connection.waitFor(
            'room for more: the server reads no more from the publisher',
            () => !connection.blocked || null,
          )
        }
        // So that it is the slow player who is behind, not this one.
        await waitForProgress(other, frame - FRAMES_UNDER_WAY)
      }
      await waitForProgress(other, frames - FRAMES_UNDER_WAY)
    },
  },
]

async function waitForProgress(player: CheckConnection, frames: number): Promise<void> {
  await player.waitFor(
    `more frames at the player that reads, beside one that does not (${player.media.length} so far)`,
    () => player.media.length >= frames || null,
  )
}

/** A client that must be closed, while others are served. */
function badClient(
  id: string,
  title: string,
  reference: string,
  misbehave: (bench: ProbeBench) => Promise<CheckConnection>,
): Probe {
  return {
    id,
    title: `${title}: closed, others are served`,
    reference,
    async run(bench): Promise<void> {
      const connection = await misbehave(bench)
      const closed = await connection.closedByServer()
      await bench.stillServes()
      if (!closed) {
        throw new ProbeUnknown(
          `others are served, but the connection is still open after ${bench.setup.timeoutMs} ms`,
        )
      }
    },
  }
}
