import { ProtocolError } from '../../base/index.ts'
import { ByteReader, ByteWriter } from '../../bytes/index.ts'

/** Bytes of the FLV file header this project writes, without the PreviousTagSize0 behind it. */
export const FLV_FILE_HEADER_BYTES = 9

/** The header of an FLV file or stream: Adobe Video File Format 10.1, E.2. */
export type FlvFileHeader = Readonly<{
  /** TypeFlagsAudio. Advice only: streams announce what never comes, and the reverse. */
  hasAudio: boolean
  /** TypeFlagsVideo; advice only, too. */
  hasVideo: boolean
  /** DataOffset: bytes from the start of the header to PreviousTagSize0; 9 unless a later version lengthens the header. */
  dataOffset: number
}>

const AUDIO_FLAG = 0x04
const VIDEO_FLAG = 0x01

/**
 * Encodes an FLV file header and the PreviousTagSize0 of zero that follows it: 13 bytes, after which the first tag comes.
 * @param content what the flags announce
 * @returns a new array, the caller's
 */
export function encodeFlvFileHeader(content: Pick<FlvFileHeader, 'hasAudio' | 'hasVideo'>): Uint8Array {
  return new ByteWriter(FLV_FILE_HEADER_BYTES + 4)
    .writeUint24(0x464c56) // Signature: "FLV"
    .writeUint8(1) // Version
    .writeUint8((content.hasAudio ? AUDIO_FLAG : 0) + (content.hasVideo ? VIDEO_FLAG : 0))
    .writeUint32(FLV_FILE_HEADER_BYTES)
    .writeUint32(0) // PreviousTagSize0
    .bytes()
}

/**
 * Decodes an FLV file header. The version is not looked at: `dataOffset` says where to go on.
 * @param bytes at least `FLV_FILE_HEADER_BYTES`; what follows is not read
 * @throws ProtocolError if the signature is not "FLV", the header is cut short or it claims to be shorter than it is
 */
export function decodeFlvFileHeader(bytes: Uint8Array): FlvFileHeader {
  const reader = new ByteReader(bytes)
  const signature = reader.readUint24()
  if (signature !== 0x464c56) {
    throw new ProtocolError(`FLV signature 0x${signature.toString(16).padStart(6, '0')} is not "FLV"`)
  }
  reader.skip(1) // Version
  const flags = reader.readUint8()
  const dataOffset = reader.readUint32()
  if (dataOffset < FLV_FILE_HEADER_BYTES) {
    throw new ProtocolError(`FLV DataOffset ${dataOffset} lies inside the header`)
  }
  return { hasAudio: (flags & AUDIO_FLAG) !== 0, hasVideo: (flags & VIDEO_FLAG) !== 0, dataOffset }
}
