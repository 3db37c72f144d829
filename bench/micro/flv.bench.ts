import {
  encodeFlvFileHeader,
  FLV_PREVIOUS_TAG_SIZE_BYTES,
  FLV_TAG_HEADER_BYTES,
  FlvTagReader,
  FlvTagType,
  parseAudioTagBody,
  parseVideoTagBody,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from '../../src/media/index.ts'
import type { MicroBench } from './micro-bench.ts'
import { readsOf, sampleSecond } from './stream.ts'

const frames = sampleSecond()
const FRAMING = FLV_TAG_HEADER_BYTES + FLV_PREVIOUS_TAG_SIZE_BYTES
const target = new Uint8Array(frames.reduce((bytes, { body }) => bytes + body.length + FRAMING, 0))

function writeTags(): number {
  let at = 0
  for (const { kind, timestamp, body } of frames) {
    writeFlvTagHeader(target, at, FlvTagType[kind], body.length, timestamp)
    target.set(body, at + FLV_TAG_HEADER_BYTES)
    at += FLV_TAG_HEADER_BYTES + body.length
    writeFlvPreviousTagSize(target, at, body.length)
    at += FLV_PREVIOUS_TAG_SIZE_BYTES
  }
  return at
}

writeTags()
const header = encodeFlvFileHeader({ hasAudio: true, hasVideo: true })
const reads = readsOf(Buffer.concat([header, target]))

function readTags(): number {
  const reader = new FlvTagReader()
  let bytes = 0
  for (const read of reads) {
    reader.push(read, (tag) => {
      bytes += tag.body.length + FRAMING
    })
  }
  return bytes
}

if (readTags() !== target.length) {
  throw new Error('what was written is not what is read')
}

/** Tags read, written, and their bodies looked into. */
export const benches: readonly MicroBench[] = [
  { name: 'read 1 s of a stream', mediaSeconds: 1, run: readTags },
  { name: 'write 1 s of a stream', mediaSeconds: 1, run: writeTags },
  {
    name: 'look into the bodies of 1 s',
    mediaSeconds: 1,
    run: () =>
      frames.map(({ kind, body }) => (kind === 'video' ? parseVideoTagBody(body) : parseAudioTagBody(body))),
  },
]
