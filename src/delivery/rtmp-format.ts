import {
  type Ms,
  RELAY_TRAIL_PROPERTY,
  type RelayTrail,
  SERVER_NAME,
  writeRelayTrail,
} from '../base/index.ts'
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
} from '../live/index.ts'
import { type Amf0Object, decodeAmf0, encodeAmf0, isAmf0Object } from '../media/index.ts'
import { chunkedMessageBytes, MessageType, type RtmpWantedMedia, writeChunkedMessage } from '../rtmp/index.ts'

/** Message type and chunk stream by kind of frame; the chunk streams that SRS uses. */
const CHANNELS: Readonly<Record<FrameKind, { type: number; chunkStreamId: number }>> = {
  audio: { type: MessageType.audio, chunkStreamId: 6 },
  video: { type: MessageType.video, chunkStreamId: 7 },
  data: { type: MessageType.dataAmf0, chunkStreamId: 4 },
}

/** How metadata is written for other servers, which relay the stream. */
export type RelayMetadata = Readonly<{
  /** `publish`: as encoders send it, with @setDataFrame; `play`: as players get it. */
  as: 'publish' | 'play'
  /** The servers that the stream has come through, this one last; asked each time that metadata is written. */
  trail(): RelayTrail
}>

/**
 * Frames as RTMP messages (Adobe RTMP 1.0, 5.3) for players with one chunk size, message stream and dialect. Every message begins
 * with a type 0 chunk, so that a player may enter anywhere.
 */
export class RtmpFormat implements WireFormat {
  /**
   * `rtmp/<chunk size>/<message stream>`; behind it `/audio` or `/video` for players that want only that, the dialect if it is
   * not the classic one, and what other servers do with the stream.
   */
  readonly key: string
  /** What its players don't want. */
  readonly leavesOut: readonly FrameKind[]
  readonly #chunkSize: number
  readonly #streamId: number
  readonly #dialect: WireDialect
  readonly #relay: RelayMetadata | null

  /**
   * @param chunkSize bytes, as announced to the players
   * @param streamId message stream they play on
   * @param wanted audio, video or both. Default: both
   * @param dialect what they read of Enhanced RTMP. Default: nothing
   * @param relay they are other servers, which are told the stream's way. Default: they are none
   */
  constructor(
    chunkSize: number,
    streamId: number,
    wanted: RtmpWantedMedia = { audio: true, video: true },
    dialect: WireDialect = classicDialect,
    relay: RelayMetadata | null = null,
  ) {
    this.#chunkSize = chunkSize
    this.#streamId = streamId
    this.#dialect = dialect
    this.#relay = relay
    this.leavesOut = (['audio', 'video'] as const).filter((kind) => !wanted[kind])
    const only = wanted.audio && wanted.video ? '' : wanted.audio ? 'audio' : 'video'
    const relayed = relay === null ? '' : `relay-${relay.as}`
    const suffixes = [only, dialectKey(dialect), relayed].filter((suffix) => suffix !== '')
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
    if (metadata === null && this.#relay !== null) {
      const body = metadataFor(this.#relay, { server: SERVER_NAME })
      parts.push(this.#message('data', body, 0))
    }
    for (const frame of [metadata, ...headers, ...configurations]) {
      if (frame !== null && this.carries(frame)) {
        parts.push(this.#message(frame.kind, this.#bodyOf(frame), wireTimestamp(frame, timestamp)))
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
    const body = this.#bodyOf(frame)
    const time = wireTimestamp(frame, frame.timestamp)
    this.#write(segment.reserve(this.#size(frame.kind, body, time)), frame.kind, body, time)
  }

  #bodyOf(frame: Frame): Uint8Array {
    if (this.#relay !== null && isMetadata(frame)) {
      const [, properties] = decodeAmf0(frame.body)
      return metadataFor(this.#relay, isAmf0Object(properties) ? properties : {})
    }
    return bodyInDialect(frame, this.#dialect)
  }

  #message(kind: FrameKind, body: Uint8Array, time: number): Uint8Array {
    const bytes = new Uint8Array(this.#size(kind, body, time))
    this.#write(bytes, kind, body, time)
    return bytes
  }

  #size(kind: FrameKind, body: Uint8Array, time: number): number {
    return chunkedMessageBytes(body.length, time, CHANNELS[kind].chunkStreamId, this.#chunkSize)
  }

  #write(target: Uint8Array, kind: FrameKind, body: Uint8Array, time: number): void {
    // Field by field: for each frame, spreading an object costs more than all the rest of this.
    const { type, chunkStreamId } = CHANNELS[kind]
    const header = { type, streamId: this.#streamId, timestamp: time, chunkStreamId }
    writeChunkedMessage(target, header, body, this.#chunkSize)
  }
}

function isMetadata({ kind, body }: Frame): boolean {
  return kind === 'data' && isMetadataBody(body)
}

/** Metadata goes out with timestamp 0, as SRS sends it: FFmpeg takes any other for a subtitle stream. */
function wireTimestamp(frame: Frame, timestamp: Ms): number {
  return isMetadata(frame) ? 0 : timestamp
}

function metadataFor({ as, trail }: RelayMetadata, properties: Amf0Object): Uint8Array {
  const values = ['onMetaData', { ...properties, [RELAY_TRAIL_PROPERTY]: writeRelayTrail(trail()) }] as const
  return as === 'publish' ? encodeAmf0('@setDataFrame', ...values) : encodeAmf0(...values)
}
