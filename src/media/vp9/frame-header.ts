import { ProtocolError } from '../../base/index.ts'
import { BitReader } from '../../bytes/index.ts'

const SYNC_CODE = 0x498342
const COLOR_SPACE_RGB = 7

/**
 * The size of the picture in a VP9 keyframe: VP9 Bitstream & Decoding Process Specification, 6.2 (uncompressed_header).
 * @param frame read in place
 * @returns pixels across and down
 * @throws ProtocolError if it is no keyframe, or cut short
 */
export function parseVp9KeyframeSize(frame: Uint8Array): { width: number; height: number } {
  const reader = new BitReader(frame)
  const frameMarker = reader.readBits(2)
  const profile = reader.readBits(1) + 2 * reader.readBits(1)
  if (profile === 3) {
    reader.skipBits(1) // reserved_zero
  }
  const showsExistingFrame = reader.readFlag()
  const isKeyframe = !reader.readFlag() // frame_type
  if (frameMarker !== 2 || showsExistingFrame || !isKeyframe) {
    throw new ProtocolError('a VP9 frame is no keyframe')
  }
  reader.skipBits(2) // show_frame, error_resilient_mode
  const syncCode = reader.readBits(24)
  if (syncCode !== SYNC_CODE) {
    throw new ProtocolError(`a VP9 keyframe has sync code 0x${syncCode.toString(16)}, not 0x498342`)
  }
  skipColorConfig(reader, profile)
  return { width: reader.readBits(16) + 1, height: reader.readBits(16) + 1 }
}

// 6.2.2.
function skipColorConfig(reader: BitReader, profile: number): void {
  const isOddProfile = profile === 1 || profile === 3
  if (profile >= 2) {
    reader.skipBits(1) // ten_or_twelve_bit
  }
  if (reader.readBits(3) !== COLOR_SPACE_RGB) {
    reader.skipBits(isOddProfile ? 4 : 1) // color_range; subsampling_x, subsampling_y, reserved_zero
  } else if (isOddProfile) {
    reader.skipBits(1) // reserved_zero
  }
}
