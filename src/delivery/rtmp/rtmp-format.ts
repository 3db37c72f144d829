import type { Ms } from '../../base/index.ts'
import {
  bodyInDialect,
  classicDialect,
  dialectKey,
  type Frame,
  type FrameKind,
  isMetadataBody,
  isReadable,
  type PreludeContext,
  type SegmentWriter,
  type WireDialect,
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
 * Frames as RTMP messages (Adobe RTMP 1.0, 5.3) for players with one chunk size, message stream and dialect. Every message begins
 * with a type 0 chunk, so that a player may enter anywhere.
 */
export class RtmpFormat implements WireFormat {
  /**
   * `rtmp/<chunk size>/<message stream>`; behind it `/audio` or `/video` for players that want only that, and the dialect if it
   * is not the classic one.
   */
  readonly key: string
  /** What its players don't want. */
  readonly leavesOut: readonly FrameKind[]
  readonly #chunkSize: number
  readonly #streamId: number
  readonly #dialect: WireDialect

  /**
   * @param chunkSize bytes, as announced to the players
   * @param streamId message stream they play on
   * @param wanted audio, video or both. Default: both
   * @param dialect what they read of Enhanced RTMP. Default: nothing
   */
  constructor(
    chunkSize: number,
    streamId: number,
    wanted: RtmpWantedMedia = { audio: true, video: true },
    dialect: WireDialect = classicDialect,
  ) {
    this.#chunkSize = chunkSize
    this.#streamId = streamId
    this.#dialect = dialect
    this.leavesOut = (['audio', 'video'] as const).filter((kind) => !wanted[kind])
    const only = wanted.audio && wanted.video ? '' : wanted.audio ? 'audio' : 'video'
    const suffixes = [only, dialectKey(dialect)].filter((suffix) => suffix !== '')
    this.key = ['rtmp', chunkSize, streamId, ...suffixes].join('/')
  }

  /** Metadata, audio and video sequence headers and the like, stamped with the time the player enters at. */
  prelude({ state, timestamp }: PreludeContext): Uint8Array {
    const { metadata, audioSequenceHeader, videoSequenceHeader, configurations } = state
    // As SRS orders them; but FFmpeg 8 trips over colour metadata if the first header was the audio's.
    const headers =
      configurations.length === 0
        ? [audioSequenceHeader, videoSequenceHeader]
        : [videoSequenceHeader, audioSequenceHeader]
    const parts: Uint8Array[] = []
    for (const frame of [metadata, ...headers, ...configurations]) {
      if (frame !== null && this.carries(frame)) {
        const body = bodyInDialect(frame, this.#dialect)
        const bytes = new Uint8Array(this.#size(frame, body, timestamp))
        this.#write(bytes, frame, body, timestamp)
        parts.push(bytes)
      }
    }
    return Buffer.concat(parts)
  }

  /** Whether the players can read it. */
  carries(frame: Frame): boolean {
    return isReadable(frame, this.#dialect)
  }

  /** Appends one message. */
  append(frame: Frame, segment: SegmentWriter): void {
    const body = bodyInDialect(frame, this.#dialect)
    this.#write(segment.reserve(this.#size(frame, body, frame.timestamp)), frame, body, frame.timestamp)
  }

  #size(frame: Frame, body: Uint8Array, timestamp: Ms): number {
    return chunkedMessageBytes(
      body.length,
      wireTimestamp(frame, timestamp),
      CHANNELS[frame.kind].chunkStreamId,
      this.#chunkSize,
    )
  }

  #write(target: Uint8Array, frame: Frame, body: Uint8Array, timestamp: Ms): void {
    // Field by field: for each frame, spreading an object costs more than all the rest of this.
    const { type, chunkStreamId } = CHANNELS[frame.kind]
    const header = {
      type,
      streamId: this.#streamId,
      timestamp: wireTimestamp(frame, timestamp),
      chunkStreamId,
    }
    writeChunkedMessage(target, header, body, this.#chunkSize)
  }
}

/** Metadata goes out with timestamp 0, as SRS sends it: FFmpeg takes any other for a subtitle stream. */
function wireTimestamp(frame: Frame, timestamp: Ms): number {
  return frame.kind === 'data' && isMetadataBody(frame.body) ? 0 : timestamp
}
