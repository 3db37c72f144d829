import { ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'

const START_CODE = 0x9d012a

/**
 * The size of the picture in a VP8 keyframe: RFC 6386, 9.1.
 * @param frame read in place
 * @returns pixels across and down, before scaling
 * @throws ProtocolError if it is no keyframe, or cut short
 */
export function parseVp8KeyframeSize(frame: Uint8Array): { width: number; height: number } {
  const reader = new ByteReader(frame)
  const isKeyframe = (reader.readUint8() & 0x01) === 0
  reader.skip(2) // the rest of the frame tag: first_part_size
  if (!isKeyframe || reader.readUint24() !== START_CODE) {
    throw new ProtocolError('a VP8 frame is no keyframe')
  }
  return { width: readDimension(reader), height: readDimension(reader) }
}

/** 14 bits, least significant byte first; above them: how to scale. */
function readDimension(reader: ByteReader): number {
  const low = reader.readUint8()
  return low + (reader.readUint8() & 0x3f) * 256
}
