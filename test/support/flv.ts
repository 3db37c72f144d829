import {
  encodeFlvFileHeader,
  FlvTagType,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from '../../src/media/index.ts'

/** A tag to write: its type, time and body. */
export type PlainTag = Readonly<{ type: FlvTagType; timestampMs: number; body: Uint8Array }>

/** An FLV file of these tags. */
export function encodeFlv(tags: readonly PlainTag[]): Uint8Array {
  const parts = tags.map(({ type, timestampMs, body }) => {
    const bytes = new Uint8Array(11 + body.length + 4)
    writeFlvTagHeader(bytes, 0, type, body.length, timestampMs)
    bytes.set(body, 11)
    writeFlvPreviousTagSize(bytes, 11 + body.length, body.length)
    return bytes
  })
  return Buffer.concat([encodeFlvFileHeader({ hasAudio: true, hasVideo: true }), ...parts])
}

/** Tags as FFmpeg writes them for H.264 and AAC; `mark` makes bodies differ. */
export const flvTag = {
  videoHeader: (timestampMs: number): PlainTag => video(timestampMs, [0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1e]),
  key: (timestampMs: number, mark = 0): PlainTag => video(timestampMs, [0x17, 1, 0, 0, 0, mark]),
  inter: (timestampMs: number, mark = 0): PlainTag => video(timestampMs, [0x27, 1, 0, 0, 0, mark]),
  endOfSequence: (timestampMs: number): PlainTag => video(timestampMs, [0x17, 2, 0, 0, 0]),
  audioHeader: (timestampMs: number): PlainTag => audio(timestampMs, [0xaf, 0, 0x12, 0x10]),
  audio: (timestampMs: number, mark = 0): PlainTag => audio(timestampMs, [0xaf, 1, mark]),
  script: (timestampMs: number, body: Uint8Array): PlainTag => ({
    type: FlvTagType.script,
    timestampMs,
    body,
  }),
}

function video(timestampMs: number, body: number[]): PlainTag {
  return { type: FlvTagType.video, timestampMs, body: Uint8Array.from(body) }
}

function audio(timestampMs: number, body: number[]): PlainTag {
  return { type: FlvTagType.audio, timestampMs, body: Uint8Array.from(body) }
}
