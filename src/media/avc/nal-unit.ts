import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'

/** nal_unit_type values of single-layer streams: ISO/IEC 14496-10, Table 7-1. */
export const AvcNalUnitType = {
  unspecified: 0,
  nonIdrSlice: 1,
  slicePartitionA: 2,
  slicePartitionB: 3,
  slicePartitionC: 4,
  idrSlice: 5,
  supplementalEnhancementInformation: 6,
  sequenceParameterSet: 7,
  pictureParameterSet: 8,
  accessUnitDelimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  fillerData: 12,
  sequenceParameterSetExtension: 13,
} as const

/** The most NAL units one access unit may hold; real encoders stay under a thousand (a slice per network packet of an 8K frame). */
export const MAX_NAL_UNITS_PER_ACCESS_UNIT = 4096

/**
 * The nal_unit_type of an AVC NAL unit (ISO/IEC 14496-10, 7.3.1), to compare with `AvcNalUnitType`.
 * @param nalUnit begins at the NAL unit header: no length prefix, no start code
 * @throws ProtocolError if it is empty
 */
export function avcNalUnitTypeOf(nalUnit: Uint8Array): number {
  if (nalUnit.length === 0) {
    throw new ProtocolError('an AVC NAL unit is empty')
  }
  return nalUnit[0]! & 0x1f
}

/**
 * Splits an access unit whose NAL units each follow a length field (ISO/IEC 14496-15, 5.3.3: AVCSample), of AVC or HEVC.
 * @param accessUnit read in place
 * @param nalUnitLengthSize bytes of a length field, 1 to 4, from the decoder configuration record
 * @returns views into `accessUnit`, in order; NAL units of length zero, which some encoders send, are left out
 * @throws ProtocolError if a length passes the end or is itself cut short
 * @throws LimitError if there are more than `MAX_NAL_UNITS_PER_ACCESS_UNIT`
 */
export function splitNalUnits(accessUnit: Uint8Array, nalUnitLengthSize: number): Uint8Array[] {
  const nalUnits: Uint8Array[] = []
  const reader = new ByteReader(accessUnit)
  while (reader.remaining > 0) {
    const length = readLength(reader, nalUnitLengthSize)
    if (length === 0) {
      continue
    }
    if (nalUnits.length === MAX_NAL_UNITS_PER_ACCESS_UNIT) {
      throw new LimitError(
        'MAX_NAL_UNITS_PER_ACCESS_UNIT',
        MAX_NAL_UNITS_PER_ACCESS_UNIT,
        nalUnits.length + 1,
      )
    }
    nalUnits.push(reader.readBytes(length))
  }
  return nalUnits
}

function readLength(reader: ByteReader, nalUnitLengthSize: number): number {
  switch (nalUnitLengthSize) {
    case 1:
      return reader.readUint8()
    case 2:
      return reader.readUint16()
    case 3:
      return reader.readUint24()
    case 4:
      return reader.readUint32()
    default:
      throw new ProtocolError(`a NAL unit length field of ${nalUnitLengthSize} bytes is not 1 to 4`)
  }
}
