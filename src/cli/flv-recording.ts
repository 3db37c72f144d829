import { Timeline } from '../live/index.ts'
import {
  Amf0EcmaArray,
  type Amf0Object,
  decodeAmf0,
  encodeAmf0,
  encodeFlvFileHeader,
  FLV_PREVIOUS_TAG_SIZE_BYTES,
  FLV_TAG_HEADER_BYTES,
  FlvTagType,
  isAmf0Object,
  parseAudioTagBody,
  parseVideoTagBody,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from '../media/index.ts'
import type { MediaPacket } from '../rtmp/index.ts'

/** Where a recording goes. */
export interface RecordingOutput {
  /** Appends bytes; resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>
  /** Writes over what is there; null where that can't be done, as on a pipe. */
  readonly overwrite: ((position: number, bytes: Uint8Array) => Promise<void>) | null
}

const TAG_TYPES = { audio: FlvTagType.audio, video: FlvTagType.video, data: FlvTagType.script } as const

/** Bytes of an FLV file before its first tag. */
const FILE_HEADER_BYTES = 13
/** Behind the tag's header: 'onMetaData' (13 bytes), the array's marker and count (5), the name 'duration' (10), a marker. */
const DURATION_POSITION: number = FILE_HEADER_BYTES + FLV_TAG_HEADER_BYTES + 13 + 5 + 10 + 1

/**
 * Writes what a player gets into an FLV file (Adobe Video File Format 10.1, Annex E). Its time begins at 0 and goes on over
 * jumps of the publisher's clock; its metadata tells the duration, where the output can be written over at the end.
 */
export class FlvRecording {
  readonly #output: RecordingOutput
  readonly #timeline = new Timeline()
  #firstMs: number | null = null
  #newestMs = 0
  #begun = false
  #hasAudio = false
  #hasVideo = false

  /** @param output gets the header with the first packet, or at the end */
  constructor(output: RecordingOutput) {
    this.#output = output
  }

  /** How much is recorded, ms. */
  get lengthMs(): number {
    return this.#newestMs
  }

  /**
   * Appends a packet; resolves when the output takes more.
   * @throws ProtocolError if its header can't be read: it is then left out
   */
  async write(packet: MediaPacket): Promise<void> {
    const positionMs = this.#place(packet)
    const { kind, body } = packet
    const properties = kind === 'data' ? readMetadata(body) : null
    if (!this.#begun) {
      this.#begun = true
      const header = encodeFlvFileHeader({ hasAudio: true, hasVideo: true })
      await this.#output.write(Buffer.concat([header, tag('data', 0, encodeMetadata(properties ?? {}))]))
      if (properties !== null) {
        return
      }
    }
    this.#hasAudio ||= kind === 'audio'
    this.#hasVideo ||= kind === 'video'
    await this.#output.write(tag(kind, positionMs, body))
  }

  /** Completes the file; nothing may be written after it. */
  async end(): Promise<void> {
    if (!this.#begun) {
      this.#begun = true
      const header = encodeFlvFileHeader({ hasAudio: false, hasVideo: false })
      await this.#output.write(Buffer.concat([header, tag('data', 0, encodeMetadata({}))]))
      return
    }
    const { overwrite } = this.#output
    if (overwrite !== null) {
      const header = encodeFlvFileHeader({ hasAudio: this.#hasAudio, hasVideo: this.#hasVideo })
      await overwrite(0, header)
      const duration = new DataView(new ArrayBuffer(8))
      duration.setFloat64(0, this.#newestMs / 1000)
      await overwrite(DURATION_POSITION, new Uint8Array(duration.buffer))
    }
  }

  /** Where a packet is in the recording. What has no time of its own (encoders stamp it with 0) moves nothing. */
  #place({ kind, timestamp, body }: MediaPacket): number {
    const untimed =
      kind === 'data' || (kind === 'video' ? parseVideoTagBody(body) : parseAudioTagBody(body)).sequenceHeader
    const placed = untimed
      ? this.#timeline.placeUntimed(kind)
      : this.#timeline.place(kind, timestamp % 0x100000000)
    if (!untimed) {
      this.#firstMs ??= placed
    }
    const positionMs = Math.max(placed - (this.#firstMs ?? placed), 0)
    this.#newestMs = Math.max(this.#newestMs, positionMs)
    return positionMs
  }
}

function tag(kind: MediaPacket['kind'], positionMs: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FLV_TAG_HEADER_BYTES + body.length + FLV_PREVIOUS_TAG_SIZE_BYTES)
  writeFlvTagHeader(bytes, 0, TAG_TYPES[kind], body.length, positionMs)
  bytes.set(body, FLV_TAG_HEADER_BYTES)
  writeFlvPreviousTagSize(bytes, FLV_TAG_HEADER_BYTES + body.length, body.length)
  return bytes
}

/** The properties of `onMetaData`; null for other data. */
function readMetadata(body: Uint8Array): Amf0Object | null {
  const [name, value] = decodeAmf0(body)
  if (name !== 'onMetaData') {
    return null
  }
  const properties = value instanceof Amf0EcmaArray ? value.entries : value
  return isAmf0Object(properties) ? properties : null
}

/** With the duration first, where `end` finds it. */
function encodeMetadata({ duration: _, ...properties }: Amf0Object): Uint8Array {
  return encodeAmf0('onMetaData', new Amf0EcmaArray({ duration: 0, ...properties }))
}
