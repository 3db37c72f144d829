import { ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'
import { HevcNalUnitType } from './nal-unit.ts'

/** What a decoder needs before the first HEVC frame: ISO/IEC 14496-15, 8.3.3.1 ("hvcC"). */
export type HevcDecoderConfigurationRecord = Readonly<{
  /** general_profile_space, 0 to 3. */
  profileSpace: number
  /** general_tier_flag: High tier. */
  highTier: boolean
  /** general_profile_idc. */
  profileIdc: number
  /** general_profile_compatibility_flags, 32 bits; the most significant is flag 0. */
  profileCompatibility: number
  /** general_constraint_indicator_flags, six bytes: a view into the bytes parsed. */
  constraintFlags: Uint8Array
  /** general_level_idc, 30 times the level's number. */
  levelIdc: number
  /** Bytes of the length before each NAL unit, 1 to 4 (3 is not allowed by the standard, but unambiguous, so taken). */
  nalUnitLengthSize: number
  /** Video parameter set NAL units: views into the bytes parsed, as all that follow. */
  videoParameterSets: Uint8Array[]
  /** Sequence parameter set NAL units. */
  sequenceParameterSets: Uint8Array[]
  /** Picture parameter set NAL units. */
  pictureParameterSets: Uint8Array[]
}>

/**
 * Parses an HEVCDecoderConfigurationRecord, the payload of an HEVC sequence header.
 * NAL units of other types (SEI) are left out.
 * @param bytes read in place; the parameter sets returned are views into it
 * @throws ProtocolError if the record is cut short or its version is neither 1 nor, as drafts of the standard had it, 0
 */
export function parseHevcDecoderConfigurationRecord(bytes: Uint8Array): HevcDecoderConfigurationRecord {
  const reader = new ByteReader(bytes)
  const configurationVersion = reader.readUint8()
  if (configurationVersion > 1) {
    throw new ProtocolError(`HEVC configurationVersion ${configurationVersion} is not 1`)
  }
  const profile = reader.readUint8()
  const profileCompatibility = reader.readUint32()
  const constraintFlags = reader.readBytes(6)
  const levelIdc = reader.readUint8()
  // min_spatial_segmentation_idc, parallelismType, chroma_format_idc, bit depths of luma and chroma, avgFrameRate
  reader.skip(8)
  const nalUnitLengthSize = (reader.readUint8() & 0x03) + 1
  const nalUnits = readArrays(reader)
  const ofType = (type: number): Uint8Array[] => nalUnits.get(type) ?? []
  return {
    profileSpace: profile >> 6,
    highTier: (profile & 0x20) !== 0,
    profileIdc: profile & 0x1f,
    profileCompatibility,
    constraintFlags,
    levelIdc,
    nalUnitLengthSize,
    videoParameterSets: ofType(HevcNalUnitType.videoParameterSet),
    sequenceParameterSets: ofType(HevcNalUnitType.sequenceParameterSet),
    pictureParameterSets: ofType(HevcNalUnitType.pictureParameterSet),
  }
}

function readArrays(reader: ByteReader): Map<number, Uint8Array[]> {
  const arrays = new Map<number, Uint8Array[]>()
  const count = reader.readUint8()
  for (let i = 0; i < count; i++) {
    const type = reader.readUint8() & 0x3f // above it: array_completeness
    const nalUnits = arrays.get(type) ?? []
    const nalUnitCount = reader.readUint16()
    for (let j = 0; j < nalUnitCount; j++) {
      nalUnits.push(reader.readBytes(reader.readUint16()))
    }
    arrays.set(type, nalUnits)
  }
  return arrays
}
