import { ByteWriter } from '../../bytes/index.ts'
import type { Amf0Object } from '../../media/index.ts'
import { MessageType } from '../../rtmp/index.ts'
import { type Probe, ProbeFailure } from '../probe.ts'
import type { ProbeBench } from '../probe-bench.ts'
import { testMedia } from '../test-media.ts'

const ENHANCED = 'Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio"'

/** First bytes of enhanced video: a keyframe that begins a sequence, and one with pictures and no composition time. */
const VIDEO_SEQUENCE_START = 0x90
const VIDEO_CODED_FRAMES_X = 0x93
/** First bytes of enhanced audio. */
const AUDIO_SEQUENCE_START = 0x90
const AUDIO_CODED_FRAMES = 0x91

/** What clients say who can take every codec. */
const ANY_CODEC: Amf0Object = {
  fourCcList: ['*'],
  videoFourCcInfoMap: { '*': 7 },
  audioFourCcInfoMap: { '*': 7 },
  capsEx: 15,
}

/** What is carried. */
export const mediaProbes: readonly Probe[] = [
  {
    id: 'media.headers-first',
    title: 'a player that joins gets the sequence headers before media',
    reference: 'field; ISO/IEC 14496-15, 5.3.3 (needed before any frame)',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      await relay.passes('a frame')
      const { media } = relay.player
      const firstVideo = media.find(({ type }) => type === MessageType.video)?.payload
      if (firstVideo === undefined || Buffer.compare(firstVideo, testMedia.avcHeader()) !== 0) {
        throw new ProbeFailure('the first video message at the player is not the sequence header')
      }
    },
  },
  {
    id: 'media.audio-only',
    title: 'a stream of audio alone comes through',
    reference: 'field (radio)',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const name = bench.newName()
      relay.close()
      const { connection, streamId } = await bench.publish(name)
      const audio = (timestamp: number, payload: Uint8Array) =>
        ({ type: MessageType.audio, streamId, timestamp, chunkStreamId: 4, payload }) as const
      connection.send(audio(0, testMedia.aacHeader()))
      const player = await bench.play(name)
      const body = testMedia.aacFrame(100, 0x42)
      // More than any server merges before it writes.
      for (let frame = 0; frame < 200; frame++) {
        connection.send(audio(frame * 23, body))
      }
      await player.waitFor(
        'the audio at the player',
        () => player.media.find(({ payload }) => Buffer.compare(payload, body) === 0) ?? null,
      )
    },
  },
  enhancedProbe('media.enhanced-hevc', 'HEVC by FourCC hvc1', MessageType.video, 'hvc1'),
  enhancedProbe('media.enhanced-av1', 'AV1 by FourCC av01', MessageType.video, 'av01'),
  enhancedProbe('media.enhanced-opus', 'Opus by FourCC Opus', MessageType.audio, 'Opus'),
  {
    id: 'media.aggregate',
    title: 'an aggregate message: its audio and video come out',
    reference: 'Adobe RTMP 1.0, 7.1.6',
    async run(bench): Promise<void> {
      const relay = await bench.relay()
      const video = testMedia.keyFrame(200, relay.nextMark())
      const audio = testMedia.aacFrame(50, relay.nextMark())
      const payload = aggregate([
        { type: MessageType.video, timestamp: 80, body: video },
        { type: MessageType.audio, timestamp: 83, body: audio },
      ])
      relay.publisher.send({ ...relay.video(80, payload), type: MessageType.aggregate })
      // A server may also pass the aggregate on as it is.
      await relay.whileGoingOn(
        relay.player.waitFor('the messages of the aggregate at the player', () => {
          const has = (body: Uint8Array): boolean =>
            relay.player.messages.some((message) => Buffer.from(message.payload).includes(Buffer.from(body)))
          return (has(video) && has(audio)) || null
        }),
      )
    },
  },
]

function enhancedProbe(id: string, title: string, type: 8 | 9, fourCc: string): Probe {
  const isVideo = type === MessageType.video
  const [first, next] = isVideo
    ? [VIDEO_SEQUENCE_START, VIDEO_CODED_FRAMES_X]
    : [AUDIO_SEQUENCE_START, AUDIO_CODED_FRAMES]
  return {
    id,
    title: `${title}: comes out byte for byte`,
    reference: ENHANCED,
    run: (bench) =>
      relayEnhanced(bench, type, [
        testMedia.enhanced(first, fourCc, 30, 0x55),
        testMedia.enhanced(next, fourCc, 200, 0x56),
      ]),
  }
}

async function relayEnhanced(bench: ProbeBench, type: 8 | 9, bodies: readonly Uint8Array[]): Promise<void> {
  const relay = await bench.relay(ANY_CODEC)
  for (const [index, body] of bodies.entries()) {
    relay.publisher.send({
      ...relay.video(80 + index * 40, body),
      type,
      chunkStreamId: type === MessageType.video ? 6 : 4,
    })
  }
  for (const [index, body] of bodies.entries()) {
    await relay.arrival(index === 0 ? 'the sequence header' : 'the frame', body)
  }
}

function aggregate(parts: readonly { type: number; timestamp: number; body: Uint8Array }[]): Uint8Array {
  const writer = new ByteWriter()
  for (const { type, timestamp, body } of parts) {
    writer.writeUint8(type).writeUint24(body.length).writeUint24(timestamp).writeUint8(0).writeUint24(0)
    writer.writeBytes(body).writeUint32(11 + body.length)
  }
  return writer.bytes()
}
