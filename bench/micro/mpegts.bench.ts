import { ByteWriter } from '../../src/bytes/index.ts'
import { type TsAccessUnit, TsMuxer } from '../../src/media/index.ts'
import type { MicroBench } from './micro-bench.ts'
import { sampleSecond } from './stream.ts'

const TICKS_PER_MS = 90
const FLV_HEADER_BYTES = { audio: 2, video: 5 }

const units = sampleSecond().map(({ kind, timestamp, keyframe, body }) => {
  const time = (timestamp * TICKS_PER_MS) as TsAccessUnit['dts']
  const pieces = [body.subarray(FLV_HEADER_BYTES[kind])]
  return { kind, unit: { dts: time, pts: time, randomAccess: keyframe, pieces } }
})

/** What an HLS segment is made of. */
export const benches: readonly MicroBench[] = [
  {
    name: 'write 1 s of a stream',
    mediaSeconds: 1,
    run: () => {
      const muxer = new TsMuxer({ video: 'avc', audio: 'aac' })
      const target = new ByteWriter()
      muxer.writeTables(target)
      for (const { kind, unit } of units) {
        if (kind === 'video') {
          muxer.writeVideo(target, unit)
        } else {
          muxer.writeAudio(target, 'aac', unit)
        }
      }
      return target.bytes().length
    },
  },
]
