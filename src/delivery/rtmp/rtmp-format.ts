import type { Ms } from '../../base/index.ts'
import {
  type Frame,
  type FrameKind,
  isMetadataBody,
  type PreludeContext,
  type SegmentWriter,
  type WireFormat,
} from '../../live/index.ts'
import {
  chunkedMessageBytes,
  MessageType,
  type RtmpWantedMedia,
  writeChunkedMessage,
} from '../../rtmp/index.ts'

/** Message type and chunk stream by kind of frame; the chunk streams that SRS uses. */
const CHANNELS: Readonly<Record<FrameKind, { type: number; chunkStreamId: number }>> = {
  audio: { type: MessageType.audio, chunkStreamId: 6 },
  video: { type: MessageType.video, chunkStreamId: 7 },
  data: { type: MessageType.dataAmf0, chunkStreamId: 4 },
}

/**
 * Frames as RTMP messages (Adobe RTMP 1.0, 5.3) for players with one chunk size and message stream. Every message begins
 * with a type 0 chunk, so that a player may enter anywhere.
 */
export class RtmpFormat implements WireFormat {
  /** `rtmp/<chunk size>/<message stream>`, and `/audio` or `/video` behind it for players that want only that. */
  readonly key: string
  /** What its players don't want. */
  readonly leavesOut: readonly FrameKind[]
  readonly #chunkSize: number
  readonly #streamId: number

  /**
   * @param chunkSize bytes, as announced to the players
   * @param streamId message stream they play on
   * @param wanted audio, video or both. Default: both
   */
  constructor(chunkSize: number, streamId: number, wanted: RtmpWantedMedia = { audio: true, video: true }) {
    this.#chunkSize = chunkSize
    this.#streamId = streamId
    this.leavesOut = (['audio', 'video'] as const).filter((kind) => !wanted[kind])
    const only = wanted.audio && wanted.video ? '' : wanted.audio ? '/audio' : '/video'
    this.key = `rtmp/${chunkSize}/${streamId}${only}`
  }

  /** Metadata, audio and video sequence headers, stamped with the time the player enters at. */
  prelude({ state, timestamp }: PreludeContext): Uint8Array {
    const frames = [state.metadata, state.audioSequenceHeader, state.videoSequenceHeader].filter(
      (frame) => frame !== null,
    )
    return Buffer.concat(
      frames.map((frame) => {
        const bytes = new Uint8Array(this.#size(frame, timestamp))
        this.#write(bytes, frame, timestamp)
        return bytes
      }),
    )
  }

  /** Appends one message. */
  append(frame: Frame, segment: SegmentWriter): void {
    this.#write(segment.reserve(this.#size(frame, frame.timestamp)), frame, frame.timestamp)
  }

  #size(frame: Frame, timestamp: Ms): number {
    return chunkedMessageBytes(
      frame.body.length,
      wireTimestamp(frame, timestamp),
      CHANNELS[frame.kind].chunkStreamId,
      this.#chunkSize,
    )
  }

  #write(target: Uint8Array, frame: Frame, timestamp: Ms): void {
    const header = {
      ...CHANNELS[frame.kind],
      streamId: this.#streamId,
      timestamp: wireTimestamp(frame, timestamp),
    }
    writeChunkedMessage(target, header, frame.body, this.#chunkSize)
  }
}

/** Metadata goes out with timestamp 0, as SRS sends it: FFmpeg takes any other for a subtitle stream. */
function wireTimestamp(frame: Frame, timestamp: Ms): number {
  return frame.kind === 'data' && isMetadataBody(frame.body) ? 0 : timestamp
}
