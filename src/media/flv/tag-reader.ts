import { LimitError } from '../../base/index.ts'
import { decodeFlvFileHeader, FLV_FILE_HEADER_BYTES, type FlvFileHeader } from './file-header.ts'
import {
  decodeFlvTagHeader,
  FLV_PREVIOUS_TAG_SIZE_BYTES,
  FLV_TAG_HEADER_BYTES,
  FlvTagType,
} from './tag-header.ts'

/** The longest tag body an `FlvTagReader` accepts. */
export const MAX_FLV_TAG_BYTES: number = 8 * 1024 * 1024

/** One tag of an FLV file or stream. */
export type FlvTag = Readonly<{
  /** What the body is. */
  type: FlvTagType
  /** The tag's time as written, unsigned 32 bits: it wraps to 0 after 4,294,967,295 ms. */
  timestampMs: number
  /** The tag's body in an array of its own of exactly its size; the receiver's to keep. */
  body: Uint8Array
}>

type Part = 'fileHeader' | 'tagHeader' | 'body'

/**
 * Takes an FLV stream apart as it comes in, cut anywhere: Adobe Video File Format 10.1, Annex E.
 * Each byte of a body is copied once, into an array of the body's size. Tags of unknown type are passed over, and so is
 * PreviousTagSize, which files in the field have wrong.
 */
export class FlvTagReader {
  #header: FlvFileHeader | null = null
  readonly #tagHeaderBytes = new Uint8Array(FLV_TAG_HEADER_BYTES)
  #part: Part = 'fileHeader'
  // Where the part being read goes: of the part's size, and filled up to #filled.
  #bytes: Uint8Array = new Uint8Array(FLV_FILE_HEADER_BYTES)
  #filled = 0
  #bytesToSkip = 0
  // Of the tag whose body is being read.
  #tagType: FlvTagType = FlvTagType.script
  #timestampMs = 0

  /** The file header; null until all of it has come. */
  get header(): FlvFileHeader | null {
    return this.#header
  }

  /**
   * Takes the stream's next bytes and hands over every tag they complete, in order and at once.
   * @param chunk read in place and not kept
   * @param onTag if it throws, the error passes through and the rest of `chunk` is lost
   * @throws ProtocolError if the stream does not begin with an FLV header; the reader is of no more use
   * @throws LimitError if a body is longer than `MAX_FLV_TAG_BYTES`; the reader is of no more use
   */
  push(chunk: Uint8Array, onTag: (tag: FlvTag) => void): void {
    let offset = 0
    while (offset < chunk.length) {
      const available = chunk.length - offset
      if (this.#bytesToSkip > 0) {
        const skipped = Math.min(this.#bytesToSkip, available)
        this.#bytesToSkip -= skipped
        offset += skipped
        continue
      }
      const taken = Math.min(this.#bytes.length - this.#filled, available)
      this.#bytes.set(chunk.subarray(offset, offset + taken), this.#filled)
      this.#filled += taken
      offset += taken
      if (this.#filled === this.#bytes.length) {
        this.#finishPart(onTag)
      }
    }
  }

  #finishPart(onTag: (tag: FlvTag) => void): void {
    switch (this.#part) {
      case 'fileHeader':
        this.#header = decodeFlvFileHeader(this.#bytes)
        this.#skipToTag(this.#header.dataOffset - FLV_FILE_HEADER_BYTES)
        return
      case 'tagHeader':
        this.#beginBody(onTag)
        return
      case 'body':
        this.#finishTag(onTag)
        return
    }
  }

  #beginBody(onTag: (tag: FlvTag) => void): void {
    const { type, bodyLength, timestampMs } = decodeFlvTagHeader(this.#bytes)
    if (bodyLength > MAX_FLV_TAG_BYTES) {
      throw new LimitError('MAX_FLV_TAG_BYTES', MAX_FLV_TAG_BYTES, bodyLength)
    }
    if (type !== FlvTagType.audio && type !== FlvTagType.video && type !== FlvTagType.script) {
      this.#skipToTag(bodyLength)
      return
    }
    this.#tagType = type
    this.#timestampMs = timestampMs
    this.#expect('body', new Uint8Array(bodyLength))
    if (bodyLength === 0) {
      this.#finishTag(onTag)
    }
  }

  #finishTag(onTag: (tag: FlvTag) => void): void {
    const tag = { type: this.#tagType, timestampMs: this.#timestampMs, body: this.#bytes }
    // Before the call, so that the reader stays usable if onTag throws.
    this.#skipToTag(0)
    onTag(tag)
  }

  #skipToTag(bytesBeforePreviousTagSize: number): void {
    this.#bytesToSkip = bytesBeforePreviousTagSize + FLV_PREVIOUS_TAG_SIZE_BYTES
    this.#expect('tagHeader', this.#tagHeaderBytes)
  }

  #expect(part: Part, bytes: Uint8Array): void {
    this.#part = part
    this.#bytes = bytes
    this.#filled = 0
  }
}
