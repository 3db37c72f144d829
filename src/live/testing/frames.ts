import { ms } from '../../base/index.ts'
import { type Amf0Value, encodeAmf0 } from '../../media/index.ts'
import type { Frame } from '../frame.ts'
import type { EndReason } from '../sink.ts'
import { emptyStreamState, type StreamState } from '../stream-state.ts'

/** FLV tag bodies as encoders send them; `payload` makes them differ. */
export const tagBody = {
  avcHeader: (payload: number = 1): Uint8Array => Uint8Array.of(0x17, 0, 0, 0, 0, 1, 0x64, payload),
  keyframe: (bytes: number = 8): Uint8Array => withHead(bytes, [0x17, 1, 0, 0, 40]),
  interFrame: (bytes: number = 8): Uint8Array => withHead(bytes, [0x27, 1, 0, 0, 0]),
  h263Keyframe: (): Uint8Array => Uint8Array.of(0x12, 0, 0, 0),
  aacHeader: (payload: number = 0x12): Uint8Array => Uint8Array.of(0xaf, 0, payload, 0x10),
  aac: (bytes: number = 4): Uint8Array => withHead(bytes, [0xaf, 1]),
  mp3: (): Uint8Array => Uint8Array.of(0x2f, 0xff, 0xfb),
  metadata: (properties: Record<string, Amf0Value>): Uint8Array =>
    encodeAmf0('@setDataFrame', 'onMetaData', properties),
}

function withHead(bytes: number, head: number[]): Uint8Array {
  const body = new Uint8Array(Math.max(bytes, head.length)).fill(0xee)
  body.set(head)
  return body
}

type Changes = Partial<Omit<Frame, 'timestamp'>>

/** Frames on a stream's timeline. */
export const frame = {
  key: (timestamp: number, changes: Changes = {}): Frame => ({
    ...video(timestamp),
    keyframe: true,
    body: tagBody.keyframe(),
    ...changes,
  }),
  inter: (timestamp: number, changes: Changes = {}): Frame => ({ ...video(timestamp), ...changes }),
  audio: (timestamp: number, changes: Changes = {}): Frame => ({
    ...video(timestamp),
    kind: 'audio',
    codec: 'aac',
    body: tagBody.aac(),
    ...changes,
  }),
  videoHeader: (timestamp: number, changes: Changes = {}): Frame => ({
    ...video(timestamp),
    sequenceHeader: true,
    body: tagBody.avcHeader(),
    ...changes,
  }),
  audioHeader: (timestamp: number, changes: Changes = {}): Frame => ({
    ...frame.audio(timestamp),
    sequenceHeader: true,
    body: tagBody.aacHeader(),
    ...changes,
  }),
  data: (timestamp: number, changes: Changes = {}): Frame => ({
    ...video(timestamp),
    kind: 'data',
    codec: 'amf0',
    body: tagBody.metadata({}),
    ...changes,
  }),
}

function video(timestamp: number): Frame {
  return {
    kind: 'video',
    timestamp: ms(timestamp),
    compositionOffset: ms(0),
    codec: 'avc',
    trackId: 0,
    keyframe: false,
    sequenceHeader: false,
    description: false,
    nanosecondOffset: 0,
    body: tagBody.interFrame(),
  }
}

/** The state of a stream with H.264 and AAC. */
export const audioVideoState: StreamState = {
  ...emptyStreamState,
  videoSequenceHeader: frame.videoHeader(0),
  audioSequenceHeader: frame.audioHeader(0),
  hasVideo: true,
  hasAudio: true,
}

/** A reason to end. */
export function endReason(message: string = 'over', code: EndReason['code'] = 'unpublished'): EndReason {
  return { code, message }
}
