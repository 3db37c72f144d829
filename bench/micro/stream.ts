/** One second of what an encoder sends at 500 kbit/s: 25 pictures and 47 audio frames, in the order of their time. */

/** One frame as an FLV tag body. */
export type SampleFrame = Readonly<{
  kind: 'audio' | 'video'
  /** Milliseconds. */
  timestamp: number
  keyframe: boolean
  /** AVCC NAL units or raw AAC behind their FLV headers. */
  body: Uint8Array
}>

const VIDEO_FRAMES = 25
const AUDIO_FRAMES = 47
const KEYFRAME_BYTES = 12_000
const PICTURE_BYTES = 1_750
const AUDIO_BYTES = 170

/** The second, with one keyframe at its beginning. */
export function sampleSecond(): SampleFrame[] {
  const video = Array.from({ length: VIDEO_FRAMES }, (_none, index): SampleFrame => {
    const keyframe = index === 0
    const body = filled(keyframe ? KEYFRAME_BYTES : PICTURE_BYTES)
    body.set([keyframe ? 0x17 : 0x27, 1, 0, 0, 0])
    new DataView(body.buffer).setUint32(5, body.length - 9)
    body[9] = keyframe ? 0x65 : 0x41
    return { kind: 'video', timestamp: (index * 1000) / VIDEO_FRAMES, keyframe, body }
  })
  const audio = Array.from({ length: AUDIO_FRAMES }, (_none, index): SampleFrame => {
    const body = filled(AUDIO_BYTES)
    body.set([0xaf, 1])
    return {
      kind: 'audio',
      timestamp: Math.round((index * 1000) / AUDIO_FRAMES),
      keyframe: false,
      body,
    }
  })
  return [...video, ...audio].sort((a, b) => a.timestamp - b.timestamp)
}

/** Cuts bytes as a socket hands them over: 64 KiB at a time. */
export function readsOf(bytes: Uint8Array, size = 65_536): Uint8Array[] {
  const reads: Uint8Array[] = []
  for (let offset = 0; offset < bytes.length; offset += size) {
    reads.push(bytes.subarray(offset, offset + size))
  }
  return reads
}

// Not random, but without two bytes in a row that a parser would take for a start code.
function filled(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_none, index) => 1 + ((index * 31) % 251))
}
