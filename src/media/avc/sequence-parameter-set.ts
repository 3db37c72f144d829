import { LimitError, ProtocolError } from '../../base/index.ts'
import { BitReader, removeEmulationPrevention } from '../../bytes/index.ts'
import { AvcNalUnitType, avcNalUnitTypeOf } from './nal-unit.ts'

/** The widest and the tallest picture of any level (6.2): ISO/IEC 14496-10, Table A-1 and A.3.1. */
export const MAX_AVC_DIMENSION_PIXELS = 16_880

/** The part of an AVC sequence parameter set that concerns a server: ISO/IEC 14496-10, 7.3.2.1.1. */
export type AvcSequenceParameterSet = Readonly<{
  /** profile_idc. */
  profileIdc: number
  /** The byte of constraint_set flags, most significant bit constraint_set0_flag. */
  profileCompatibility: number
  /** level_idc, ten times the level's number. */
  levelIdc: number
  /** Pixels across, after cropping. */
  width: number
  /** Pixels down, after cropping; of a whole frame, also if interlaced. */
  height: number
  /** Frames per second by the VUI timing (E.2.1: two ticks per frame); absent if the set does not say. Encoders get it wrong. */
  frameRate?: number
}>

// profile_idc values whose sequence parameter sets carry chroma_format_idc (7.3.2.1.1), and 144: High 4:4:4 before 2007.
const PROFILES_WITH_CHROMA_FORMAT = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135, 144,
])

/**
 * Parses an AVC sequence parameter set.
 * A VUI that is cut short or nonsense costs only `frameRate`: encoders get it wrong, and nothing here depends on it.
 * @param nalUnit the whole NAL unit with its header byte and with emulation prevention; read in place
 * @throws ProtocolError if it is another NAL unit, cut short, or describes no picture
 * @throws LimitError if a side of the picture exceeds `MAX_AVC_DIMENSION_PIXELS`
 */
export function parseSequenceParameterSet(nalUnit: Uint8Array): AvcSequenceParameterSet {
  const nalUnitType = avcNalUnitTypeOf(nalUnit)
  if (nalUnitType !== AvcNalUnitType.sequenceParameterSet) {
    throw new ProtocolError(`a NAL unit of type ${nalUnitType} is not a sequence parameter set`)
  }
  const reader = new BitReader(removeEmulationPrevention(nalUnit))
  reader.skipBits(8)
  const profileIdc = reader.readBits(8)
  const profileCompatibility = reader.readBits(8)
  const levelIdc = reader.readBits(8)
  reader.readUnsignedExpGolomb() // seq_parameter_set_id
  const chromaFormatIdc = PROFILES_WITH_CHROMA_FORMAT.has(profileIdc) ? readChromaFormatIdc(reader) : 1
  reader.readUnsignedExpGolomb() // log2_max_frame_num_minus4
  skipPictureOrderCount(reader)
  reader.readUnsignedExpGolomb() // max_num_ref_frames
  reader.skipBits(1) // gaps_in_frame_num_value_allowed_flag
  const { width, height } = readPictureSize(reader, chromaFormatIdc)
  const frameRate = readFrameRate(reader)
  const picture = { profileIdc, profileCompatibility, levelIdc, width, height }
  return frameRate === undefined ? picture : { ...picture, frameRate }
}

function readChromaFormatIdc(reader: BitReader): number {
  const chromaFormatIdc = reader.readUnsignedExpGolomb()
  if (chromaFormatIdc > 3) {
    throw new ProtocolError(`chroma_format_idc ${chromaFormatIdc} is not 0 to 3`)
  }
  if (chromaFormatIdc === 3) {
    reader.skipBits(1) // separate_colour_plane_flag
  }
  reader.readUnsignedExpGolomb() // bit_depth_luma_minus8
  reader.readUnsignedExpGolomb() // bit_depth_chroma_minus8
  reader.skipBits(1) // qpprime_y_zero_transform_bypass_flag
  if (reader.readFlag()) {
    const listCount = chromaFormatIdc === 3 ? 12 : 8
    for (let i = 0; i < listCount; i++) {
      if (reader.readFlag()) {
        skipScalingList(reader, i < 6 ? 16 : 64)
      }
    }
  }
  return chromaFormatIdc
}

// 7.3.2.1.1.1: a list ends early when the next scale comes to zero.
function skipScalingList(reader: BitReader, size: number): void {
  let scale = 8
  for (let i = 0; i < size; i++) {
    const nextScale = (scale + reader.readSignedExpGolomb() + 256) % 256
    if (nextScale === 0) {
      return
    }
    scale = nextScale
  }
}

function skipPictureOrderCount(reader: BitReader): void {
  const pictureOrderCountType = reader.readUnsignedExpGolomb()
  if (pictureOrderCountType === 0) {
    reader.readUnsignedExpGolomb() // log2_max_pic_order_cnt_lsb_minus4
    return
  }
  if (pictureOrderCountType !== 1) {
    return
  }
  reader.skipBits(1) // delta_pic_order_always_zero_flag
  reader.readSignedExpGolomb() // offset_for_non_ref_pic
  reader.readSignedExpGolomb() // offset_for_top_to_bottom_field
  const framesInCycle = reader.readUnsignedExpGolomb()
  for (let i = 0; i < framesInCycle; i++) {
    reader.readSignedExpGolomb() // offset_for_ref_frame
  }
}

function readPictureSize(reader: BitReader, chromaFormatIdc: number): { width: number; height: number } {
  const widthInMacroblocks = reader.readUnsignedExpGolomb() + 1
  const heightInMapUnits = reader.readUnsignedExpGolomb() + 1
  // Without frame_mbs_only_flag a map unit is a pair of macroblocks, one of each field.
  const fieldsPerMapUnit = reader.readFlag() ? 1 : 2
  if (fieldsPerMapUnit === 2) {
    reader.skipBits(1) // mb_adaptive_frame_field_flag
  }
  reader.skipBits(1) // direct_8x8_inference_flag
  let width = widthInMacroblocks * 16
  let height = heightInMapUnits * 16 * fieldsPerMapUnit
  if (reader.readFlag()) {
    // Cropping counts chroma samples (7-19 to 7-22); of separate colour planes single samples, as of 4:4:4.
    const cropUnitX = chromaFormatIdc === 1 || chromaFormatIdc === 2 ? 2 : 1
    const cropUnitY = (chromaFormatIdc === 1 ? 2 : 1) * fieldsPerMapUnit
    width -= cropUnitX * (reader.readUnsignedExpGolomb() + reader.readUnsignedExpGolomb())
    height -= cropUnitY * (reader.readUnsignedExpGolomb() + reader.readUnsignedExpGolomb())
  }
  if (width <= 0 || height <= 0) {
    throw new ProtocolError(`an AVC picture of ${width} x ${height} pixels after cropping`)
  }
  const longerSide = Math.max(width, height)
  if (longerSide > MAX_AVC_DIMENSION_PIXELS) {
    throw new LimitError('MAX_AVC_DIMENSION_PIXELS', MAX_AVC_DIMENSION_PIXELS, longerSide)
  }
  return { width, height }
}

function readFrameRate(reader: BitReader): number | undefined {
  try {
    return reader.readFlag() ? readVuiFrameRate(reader) : undefined
  } catch (error) {
    if (error instanceof ProtocolError) {
      return undefined
    }
    throw error
  }
}

// E.1.1, up to the timing.
function readVuiFrameRate(reader: BitReader): number | undefined {
  if (reader.readFlag()) {
    const aspectRatioIdc = reader.readBits(8)
    if (aspectRatioIdc === 255) {
      reader.skipBits(32) // sar_width, sar_height
    }
  }
  if (reader.readFlag()) {
    reader.skipBits(1) // overscan_appropriate_flag
  }
  if (reader.readFlag()) {
    reader.skipBits(4) // video_format, video_full_range_flag
    if (reader.readFlag()) {
      reader.skipBits(24) // colour_primaries, transfer_characteristics, matrix_coefficients
    }
  }
  if (reader.readFlag()) {
    reader.readUnsignedExpGolomb() // chroma_sample_loc_type_top_field
    reader.readUnsignedExpGolomb() // chroma_sample_loc_type_bottom_field
  }
  if (!reader.readFlag()) {
    return undefined
  }
  const unitsInTick = reader.readBits(32)
  const timeScale = reader.readBits(32)
  return unitsInTick === 0 || timeScale === 0 ? undefined : timeScale / (2 * unitsInTick)
}
