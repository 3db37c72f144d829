import { SERVER_NAME, ServerError } from '../base/index.ts'
import { Amf0EcmaArray, encodeAmf0 } from '../media/index.ts'
import type { LoadPlan } from './options.ts'
import { STAMP_OFFSET, writeStamp } from './stamp.ts'
import {
  AUDIO_BITS_PER_SECOND,
  AUDIO_FRAME,
  AUDIO_FRAME_SAMPLES,
  AUDIO_SAMPLES_PER_SECOND,
  AUDIO_SEQUENCE_HEADER,
} from './synthetic-audio.ts'
import {
  createVideoFrame,
  DISTINCT_PLACES,
  distinctPlace,
  leastVideoFrameBytes,
  SYNTHETIC_HEIGHT_PIXELS,
  SYNTHETIC_WIDTH_PIXELS,
  VIDEO_SEQUENCE_HEADER,
} from './synthetic-video.ts'

/** What a synthetic stream looks like. */
export type StreamShape = Pick<LoadPlan, 'bitrate' | 'framesPerSecond' | 'gopFrames' | 'audio'>

/** One message of a synthetic stream. */
export type SyntheticPacket = Readonly<{
  /** What it is. */
  kind: 'audio' | 'video' | 'data'
  /** Decode time from the stream's start, whole ms. */
  timestampMs: number
  /** Whether players may start here. */
  keyframe: boolean
  /** The FLV tag body or RTMP message. Video bodies are used again: read it before the next call. */
  body: Uint8Array
}>

/** A keyframe is so many times as large as the other frames, if the GOP has room for it. */
const KEYFRAME_WEIGHT = 5

/** The bodies of synthetic streams of one shape, shared by all of them. */
export class SyntheticMedia {
  /** The shape asked for. */
  readonly shape: StreamShape
  readonly #videoBodies: readonly Uint8Array[]

  /** @throws ServerError ERR_CONFIGURATION as `syntheticFrameSizes` */
  constructor(shape: StreamShape) {
    this.shape = shape
    const { keyframeBytes, frameBytes } = syntheticFrameSizes(shape)
    this.#videoBodies = Array.from({ length: DISTINCT_PLACES }, (_, place) =>
      createVideoFrame(place, place === 0 ? keyframeBytes : frameBytes),
    )
  }

  /** What a publisher sends first: metadata and sequence headers. */
  prelude(): SyntheticPacket[] {
    const { audio } = this.shape
    const first = { timestampMs: 0, keyframe: false }
    const packets: SyntheticPacket[] = [
      { ...first, kind: 'data', body: encodeMetadata(this.shape) },
      { ...first, kind: 'video', body: VIDEO_SEQUENCE_HEADER },
    ]
    return audio ? [...packets, { ...first, kind: 'audio', body: AUDIO_SEQUENCE_HEADER }] : packets
  }

  /** The body of a video frame, stamped; used again by the next call for the same place. */
  videoBody(frame: number, sentMs: number): Uint8Array {
    const body = this.#videoBodies[distinctPlace(frame % this.shape.gopFrames)] ?? new Uint8Array(0)
    writeStamp(body, STAMP_OFFSET, { sentMs, frame })
    return body
  }
}

/** The messages of one synthetic stream, without end, by decode time. */
export class SyntheticStream {
  readonly #media: SyntheticMedia
  #videoFrames = 0
  #audioFrames = 0

  /** @param media may be shared */
  constructor(media: SyntheticMedia) {
    this.#media = media
  }

  /** When the next message is due, ms from the stream's start, with fractions: computed from the frame's number, so it never drifts. */
  get dueMs(): number {
    return Math.min(this.#videoMs, this.#audioMs)
  }

  /** The next message, stamped as sent at `sentMs` of `machineNow`. */
  next(sentMs: number): SyntheticPacket {
    const timestampMs = Math.round(this.dueMs)
    if (this.#audioMs <= this.#videoMs) {
      this.#audioFrames++
      return { kind: 'audio', timestampMs, keyframe: false, body: AUDIO_FRAME }
    }
    const frame = this.#videoFrames++
    const keyframe = frame % this.#media.shape.gopFrames === 0
    return { kind: 'video', timestampMs, keyframe, body: this.#media.videoBody(frame, sentMs) }
  }

  get #videoMs(): number {
    return (this.#videoFrames * 1000) / this.#media.shape.framesPerSecond
  }

  get #audioMs(): number {
    if (!this.#media.shape.audio) {
      return Number.POSITIVE_INFINITY
    }
    // Behind the video frame of the same time, so that a stream begins with a keyframe.
    return ((this.#audioFrames + 0.5) * AUDIO_FRAME_SAMPLES * 1000) / AUDIO_SAMPLES_PER_SECOND
  }
}

/**
 * Bytes of the frames' tag bodies, so that a GOP with its audio has the bit rate.
 * @throws ServerError ERR_CONFIGURATION if the bit rate is too low for the frames
 */
export function syntheticFrameSizes(shape: StreamShape): { keyframeBytes: number; frameBytes: number } {
  const { bitrate, framesPerSecond, gopFrames, audio } = shape
  const videoBitrate = bitrate - (audio ? AUDIO_BITS_PER_SECOND : 0)
  const gopBytes = ((videoBitrate / 8) * gopFrames) / framesPerSecond
  const leastFrame = leastVideoFrameBytes(false)
  const wanted = Math.round((gopBytes * KEYFRAME_WEIGHT) / (gopFrames - 1 + KEYFRAME_WEIGHT))
  const keyframeBytes = Math.max(leastVideoFrameBytes(true), wanted)
  const frameBytes = Math.round((gopBytes - keyframeBytes) / (gopFrames - 1))
  if (frameBytes < leastFrame) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${bitrate} bit/s are too few for ${framesPerSecond} frames a second${audio ? ' and audio' : ''}`,
    )
  }
  return { keyframeBytes, frameBytes }
}

function encodeMetadata({ bitrate, framesPerSecond, audio }: StreamShape): Uint8Array {
  const audioKilobits = audio ? AUDIO_BITS_PER_SECOND / 1000 : 0
  const sound = {
    audiocodecid: 10,
    audiodatarate: audioKilobits,
    audiosamplerate: AUDIO_SAMPLES_PER_SECOND,
    audiosamplesize: 16,
    stereo: true,
  }
  const metadata = new Amf0EcmaArray({
    duration: 0,
    width: SYNTHETIC_WIDTH_PIXELS,
    height: SYNTHETIC_HEIGHT_PIXELS,
    videocodecid: 7,
    videodatarate: bitrate / 1000 - audioKilobits,
    framerate: framesPerSecond,
    ...(audio ? sound : {}),
    encoder: SERVER_NAME,
  })
  return encodeAmf0('@setDataFrame', 'onMetaData', metadata)
}
