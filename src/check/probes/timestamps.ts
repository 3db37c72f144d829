import { type Probe, ProbeFailure } from '../probe.ts'
import type { ProbeBench } from '../probe-bench.ts'
import { testMedia } from '../test-media.ts'

const STEP_MS = 40
/** Frames before and behind the mark. */
const FRAMES_AROUND = 3
const TWO_TO_32 = 0x100000000

/** Clocks past their marks: what is 40 ms apart at the publisher is 40 ms apart at the player. */
export const timestampProbes: readonly Probe[] = [
  crossingProbe(
    'timestamp.2-24',
    '2^24 ms (4 h 39 min): the extended timestamp begins',
    0x1000000,
    '5.3.1.3',
  ),
  crossingProbe('timestamp.2-31', '2^31 ms (24.8 days)', 0x80000000, '5.3.1 and 6.1.1'),
  crossingProbe('timestamp.2-32', '2^32 ms (49.7 days): the clock wraps', TWO_TO_32, '5.3.1 and 6.1.1'),
]

function crossingProbe(id: string, title: string, mark: number, section: string): Probe {
  return { id, title, reference: `Adobe RTMP 1.0, ${section}`, run: (bench) => cross(bench, mark) }
}

async function cross(bench: ProbeBench, mark: number): Promise<void> {
  const name = bench.newName()
  const { connection, streamId } = await bench.publish(name)
  const start = mark - FRAMES_AROUND * STEP_MS
  const video = (timestamp: number, payload: Uint8Array) =>
    ({ type: 9, streamId, timestamp: timestamp % TWO_TO_32, chunkStreamId: 6, payload }) as const
  connection.send(
    video(start - 2 * STEP_MS, testMedia.avcHeader()),
    video(start - 2 * STEP_MS, testMedia.keyFrame(20, 1)),
  )
  const player = await bench.play(name)
  const bodies = Array.from({ length: 2 * FRAMES_AROUND }, (_, index) => testMedia.keyFrame(30, 0x10 + index))
  for (const [index, body] of bodies.entries()) {
    connection.send(video(start + index * STEP_MS, body))
    await bench.pause(STEP_MS)
  }
  // More, so that a server that merges what it writes lets go of them.
  for (let index = bodies.length; index < bodies.length + 20; index++) {
    connection.send(video(start + index * STEP_MS, testMedia.interFrame(8, 0x0f)))
  }
  const times: number[] = []
  for (const body of bodies) {
    const message = await player.waitFor(
      `frame ${times.length + 1} at the player`,
      () => player.media.find(({ payload }) => Buffer.compare(payload, body) === 0) ?? null,
    )
    times.push(message.timestamp)
  }
  const [first = 0] = times
  const wrong = times.findIndex((time, index) => (first + index * STEP_MS) % TWO_TO_32 !== time)
  if (wrong >= 0) {
    throw new ProbeFailure(`frames ${STEP_MS} ms apart have times ${times.join(', ')} at the player`)
  }
}
