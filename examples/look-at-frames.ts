// Reads a stream's frames in the program that serves it, and says what they are: codecs, keyframe interval, bit rate.
//
//   npm run build && node examples/look-at-frames.ts [seconds of the stream to read, 10 if not said]
//
import { createServer } from 'simple-rtmp-server'

const seconds = Number(process.argv[2] ?? 10)
const server = await createServer({ rtmp: { port: 0 } }) // An encoder may publish live/demo just as well.
await server.publishFile('live/demo', { path: `${import.meta.dirname}/../assets/demo.flv` })

const codecs = new Set<string>()
let group = { start: 0, bytes: 0 } // From one keyframe up to the next.
for await (const { kind, codec, keyframe, timestamp, body } of server.frames('live/demo')) {
  if (kind === 'data') {
    continue // What the publisher says about the stream; its sequence headers come as audio and video.
  }
  if (keyframe && timestamp > group.start) {
    const length = timestamp - group.start
    const rate = (group.bytes * 8) / length // Bits in a millisecond are kilobits in a second.
    console.log(`${[...codecs].join(' and ')}: a keyframe after ${length} ms, ${rate.toFixed()} kbit/s`)
    group = { start: timestamp, bytes: 0 }
  }
  if (timestamp >= seconds * 1000) {
    break
  }
  codecs.add(codec)
  group.bytes += body.length
}
await server.close()
