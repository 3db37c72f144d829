import type { Ms } from '../../base/index.ts'
import {
  bodyInDialect,
  type Frame,
  type FrameKind,
  isMetadataBody,
  isReadable,
  type PreludeContext,
  plainDialect,
  type SegmentWriter,
  type WireFormat,
} from '../../live/index.ts'
import {
  encodeFlvFileHeader,
  FLV_PREVIOUS_TAG_SIZE_BYTES,
  FLV_TAG_HEADER_BYTES,
  FlvTagType,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from '../../media/index.ts'

const TAG_TYPES: Readonly<Record<FrameKind, FlvTagType>> = {
  audio: FlvTagType.audio,
  video: FlvTagType.video,
  data: FlvTagType.script,
}

/** What stands round the FLV bytes of one write. */
interface Framing {
  readonly key: string
  /** Bytes in front of `payloadLength` bytes of FLV. */
  headerBytes(payloadLength: number): number
  writeHeader(target: Uint8Array, payloadLength: number): void
}

/** HTTP with a body that ends with the connection: nothing. */
const noFraming: Framing = { key: 'flv', headerBytes: () => 0, writeHeader() {} }

/** One unfragmented binary WebSocket frame, unmasked as servers send it (RFC 6455, 5.2). */
const webSocketFraming: Framing = {
  key: 'ws-flv',
  headerBytes: (payloadLength) => (payloadLength < 126 ? 2 : payloadLength < 0x10000 ? 4 : 10),
  writeHeader(target, payloadLength) {
    target[0] = 0x82
    if (payloadLength < 126) {
      target[1] = payloadLength
    } else if (payloadLength < 0x10000) {
      target[1] = 126
      target[2] = payloadLength >>> 8
      target[3] = payloadLength
    } else {
      // An FLV tag has less than 2^32 bytes, so the upper half of the 64-bit length is 0.
      target.set(
        [127, 0, 0, 0, 0, payloadLength >>> 24, payloadLength >>> 16, payloadLength >>> 8, payloadLength],
        1,
      )
    }
  },
}

/**
 * Frames as FLV tags, for HTTP or, a tag a message, for WebSocket. Each tag is framed once for all players. These can't say
 * what they read, so they get the default tracks in the form that most read: `plainDialect`.
 */
export class FlvFormat implements WireFormat {
  /** For HTTP bodies. */
  static readonly http: FlvFormat = new FlvFormat(noFraming)
  /** For WebSocket messages. */
  static readonly webSocket: FlvFormat = new FlvFormat(webSocketFraming)

  /** `flv` or `ws-flv`. */
  readonly key: string
  readonly #framing: Framing

  private constructor(framing: Framing) {
    this.#framing = framing
    this.key = framing.key
  }

  /** For a new player the file header; then metadata and sequence headers, stamped with the time the player enters at. */
  prelude({ state, timestamp, first }: PreludeContext): Uint8Array {
    const parts = first ? [encodeFlvFileHeader({ hasAudio: state.hasAudio, hasVideo: state.hasVideo })] : []
    const { metadata, videoSequenceHeader, audioSequenceHeader, configurations } = state
    for (const frame of [metadata, videoSequenceHeader, audioSequenceHeader, ...configurations]) {
      if (frame !== null && this.carries(frame)) {
        const body = bodyInDialect(frame, plainDialect)
        const tag = new Uint8Array(tagBytes(body))
        writeTag(tag, frame, body, timestamp)
        parts.push(tag)
      }
    }
    const flv = Buffer.concat(parts)
    if (flv.length === 0) {
      return flv // and not an empty WebSocket message
    }
    const header = new Uint8Array(this.#framing.headerBytes(flv.length))
    this.#framing.writeHeader(header, flv.length)
    return Buffer.concat([header, flv])
  }

  /** Whether the players can read it. */
  carries(frame: Frame): boolean {
    return isReadable(frame, plainDialect)
  }

  /** Appends one tag. */
  append(frame: Frame, segment: SegmentWriter): void {
    const body = bodyInDialect(frame, plainDialect)
    const length = tagBytes(body)
    const headerBytes = this.#framing.headerBytes(length)
    const target = segment.reserve(headerBytes + length)
    this.#framing.writeHeader(target, length)
    writeTag(headerBytes === 0 ? target : target.subarray(headerBytes), frame, body, frame.timestamp)
  }
}

function tagBytes(body: Uint8Array): number {
  return FLV_TAG_HEADER_BYTES + body.length + FLV_PREVIOUS_TAG_SIZE_BYTES
}

function writeTag(target: Uint8Array, frame: Frame, body: Uint8Array, timestamp: Ms): void {
  // Metadata goes out with timestamp 0, as SRS sends it: FFmpeg takes any other for a subtitle stream.
  const wireTimestamp = frame.kind === 'data' && isMetadataBody(frame.body) ? 0 : timestamp
  writeFlvTagHeader(target, 0, TAG_TYPES[frame.kind], body.length, wireTimestamp)
  target.set(body, FLV_TAG_HEADER_BYTES)
  writeFlvPreviousTagSize(target, FLV_TAG_HEADER_BYTES + body.length, body.length)
}
