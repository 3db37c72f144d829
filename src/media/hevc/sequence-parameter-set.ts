import { LimitError, ProtocolError } from '../../base/index.ts'
import { BitReader, removeEmulationPrevention } from '../../bytes/index.ts'
import { HevcNalUnitType, hevcNalUnitTypeOf } from './nal-unit.ts'

/** The widest and the tallest picture of any level (7.2): ISO/IEC 23008-2, Table A.8 and A.4.1. */
export const MAX_HEVC_DIMENSION_PIXELS = 33_776

// profile_tier_level() up to general_level_idc (7.3.3), and the same of a sub-layer.
const PROFILE_BITS = 88
const LEVEL_BITS = 8

/**
 * The size of the pictures that an HEVC sequence parameter set describes (ISO/IEC 23008-2, 7.3.2.2.1), after cropping.
 * @param nalUnit the whole NAL unit with its header and with emulation prevention; read in place
 * @returns pixels across and down
 * @throws ProtocolError if it is another NAL unit, cut short, or describes no picture
 * @throws LimitError if a side of the picture exceeds `MAX_HEVC_DIMENSION_PIXELS`
 */
export function parseHevcPictureSize(nalUnit: Uint8Array): { width: number; height: number } {
  const nalUnitType = hevcNalUnitTypeOf(nalUnit)
  if (nalUnitType !== HevcNalUnitType.sequenceParameterSet) {
    throw new ProtocolError(`an HEVC NAL unit of type ${nalUnitType} is not a sequence parameter set`)
  }
  const reader = new BitReader(removeEmulationPrevention(nalUnit))
  reader.skipBits(16 + 4) // the header; sps_video_parameter_set_id
  const subLayers = reader.readBits(3) // sps_max_sub_layers_minus1
  reader.skipBits(1) // sps_temporal_id_nesting_flag
  skipProfileTierLevel(reader, subLayers)
  reader.readUnsignedExpGolomb() // sps_seq_parameter_set_id
  const chromaFormatIdc = reader.readUnsignedExpGolomb()
  if (chromaFormatIdc > 3) {
    throw new ProtocolError(`chroma_format_idc ${chromaFormatIdc} is not 0 to 3`)
  }
  if (chromaFormatIdc === 3) {
    reader.skipBits(1) // separate_colour_plane_flag
  }
  let width = reader.readUnsignedExpGolomb()
  let height = reader.readUnsignedExpGolomb()
  if (reader.readFlag()) {
    // The conformance window counts chroma samples (7.4.3.2.1).
    const unitX = chromaFormatIdc === 1 || chromaFormatIdc === 2 ? 2 : 1
    const unitY = chromaFormatIdc === 1 ? 2 : 1
    width -= unitX * (reader.readUnsignedExpGolomb() + reader.readUnsignedExpGolomb())
    height -= unitY * (reader.readUnsignedExpGolomb() + reader.readUnsignedExpGolomb())
  }
  if (width <= 0 || height <= 0) {
    throw new ProtocolError(`an HEVC picture of ${width} x ${height} pixels after cropping`)
  }
  const longerSide = Math.max(width, height)
  if (longerSide > MAX_HEVC_DIMENSION_PIXELS) {
    throw new LimitError('MAX_HEVC_DIMENSION_PIXELS', MAX_HEVC_DIMENSION_PIXELS, longerSide)
  }
  return { width, height }
}

function skipProfileTierLevel(reader: BitReader, subLayers: number): void {
  reader.skipBits(PROFILE_BITS + LEVEL_BITS)
  if (subLayers === 0) {
    return
  }
  let bits = 0
  // Two flags for each of eight, whether or not there are so many.
  for (let i = 0; i < 8; i++) {
    const hasProfile = reader.readFlag()
    const hasLevel = reader.readFlag()
    if (i < subLayers) {
      bits += (hasProfile ? PROFILE_BITS : 0) + (hasLevel ? LEVEL_BITS : 0)
    }
  }
  reader.skipBits(bits)
}
