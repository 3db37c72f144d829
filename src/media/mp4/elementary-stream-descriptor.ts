import { ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'

/** What an "esds" box says of an audio track: ISO/IEC 14496-1, 7.2.6. */
export type ElementaryStreamDescriptor = Readonly<{
  /** objectTypeIndication: what the stream is, e.g. 0x40 for AAC, 0x6B for MP3. */
  objectTypeIndication: number
  /** DecoderSpecificInfo: of AAC its AudioSpecificConfig; empty if there is none. A view into the bytes parsed. */
  decoderSpecificInfo: Uint8Array
}>

const ES_DESCRIPTOR = 3
const DECODER_CONFIG_DESCRIPTOR = 4
const DECODER_SPECIFIC_INFO = 5

/**
 * Parses an ES_Descriptor.
 * @param bytes the payload of an "esds" box behind its version and flags; read in place
 * @throws ProtocolError if it is cut short or describes no decoder
 */
export function parseElementaryStreamDescriptor(bytes: Uint8Array): ElementaryStreamDescriptor {
  const reader = new ByteReader(bytes)
  const stream = new ByteReader(requireDescriptor(reader, ES_DESCRIPTOR))
  stream.skip(2) // ES_ID
  const flags = stream.readUint8()
  if ((flags & 0x80) !== 0) {
    stream.skip(2) // dependsOn_ES_ID
  }
  if ((flags & 0x40) !== 0) {
    stream.skip(stream.readUint8()) // URLstring
  }
  if ((flags & 0x20) !== 0) {
    stream.skip(2) // OCR_ES_Id
  }
  const decoder = new ByteReader(requireDescriptor(stream, DECODER_CONFIG_DESCRIPTOR))
  const objectTypeIndication = decoder.readUint8()
  decoder.skip(1 + 3 + 4 + 4) // streamType, bufferSizeDB, maxBitrate, avgBitrate
  return { objectTypeIndication, decoderSpecificInfo: findDescriptor(decoder, DECODER_SPECIFIC_INFO) }
}

function requireDescriptor(reader: ByteReader, wanted: number): Uint8Array {
  const descriptor = findDescriptor(reader, wanted)
  if (descriptor.length === 0) {
    throw new ProtocolError(`there is no descriptor of tag ${wanted}`)
  }
  return descriptor
}

/** The first descriptor of a tag; empty if there is none. */
function findDescriptor(reader: ByteReader, wanted: number): Uint8Array {
  while (reader.remaining >= 2) {
    const tag = reader.readUint8()
    const length = readLength(reader)
    // Some muxers state more for the outer ones than there is.
    const descriptor = reader.readBytes(Math.min(length, reader.remaining))
    if (tag === wanted) {
      return descriptor
    }
  }
  return new Uint8Array(0)
}

// ISO/IEC 14496-1, 8.3.3: seven bits a byte, at most four bytes.
function readLength(reader: ByteReader): number {
  let length = 0
  for (let i = 0; i < 4; i++) {
    const byte = reader.readUint8()
    length = length * 0x80 + (byte & 0x7f)
    if ((byte & 0x80) === 0) {
      break
    }
  }
  return length
}
