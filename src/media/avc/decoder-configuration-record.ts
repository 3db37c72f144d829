import { ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'

/** What a decoder needs before the first AVC frame: ISO/IEC 14496-15, 5.3.3.1 ("avcC"). */
export type AvcDecoderConfigurationRecord = Readonly<{
  /** AVCProfileIndication: profile_idc of the sequence parameter sets. */
  profileIdc: number
  /** profile_compatibility: the byte of constraint_set flags. */
  profileCompatibility: number
  /** AVCLevelIndication: level_idc, ten times the level's number. */
  levelIdc: number
  /** Bytes of the length before each NAL unit, 1 to 4 (3 is not allowed by the standard, but unambiguous, so taken). */
  nalUnitLengthSize: number
  /** Sequence parameter set NAL units: views into the bytes parsed. */
  sequenceParameterSets: Uint8Array[]
  /** Picture parameter set NAL units: views into the bytes parsed. */
  pictureParameterSets: Uint8Array[]
}>

/**
 * Parses an AVCDecoderConfigurationRecord, the payload of an AVC sequence header.
 * What follows the picture parameter sets (chroma format, bit depths, extensions) is not read: encoders leave it out,
 * cut it short or add padding.
 * @param bytes read in place; the parameter sets returned are views into it
 * @throws ProtocolError if the record is cut short or is not of version 1
 */
export function parseAvcDecoderConfigurationRecord(bytes: Uint8Array): AvcDecoderConfigurationRecord {
  const reader = new ByteReader(bytes)
  const configurationVersion = reader.readUint8()
  if (configurationVersion !== 1) {
    throw new ProtocolError(`AVC configurationVersion ${configurationVersion} is not 1`)
  }
  return {
    profileIdc: reader.readUint8(),
    profileCompatibility: reader.readUint8(),
    levelIdc: reader.readUint8(),
    nalUnitLengthSize: (reader.readUint8() & 0x03) + 1,
    sequenceParameterSets: readParameterSets(reader, reader.readUint8() & 0x1f),
    pictureParameterSets: readParameterSets(reader, reader.readUint8()),
  }
}

function readParameterSets(reader: ByteReader, count: number): Uint8Array[] {
  const parameterSets: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    parameterSets.push(reader.readBytes(reader.readUint16()))
  }
  return parameterSets
}
