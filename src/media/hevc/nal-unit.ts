import { ProtocolError } from '../../base/index.ts'

/** nal_unit_type values: ISO/IEC 23008-2, Table 7-1. */
export const HevcNalUnitType = {
  /** The first of the types that decoding can begin with (IRAP): 16 to 23. */
  firstIntraRandomAccess: 16,
  /** The last of them, reserved. */
  lastIntraRandomAccess: 23,
  videoParameterSet: 32,
  sequenceParameterSet: 33,
  pictureParameterSet: 34,
  accessUnitDelimiter: 35,
} as const

/**
 * The nal_unit_type of an HEVC NAL unit (ISO/IEC 23008-2, 7.3.1.2), to compare with `HevcNalUnitType`.
 * @param nalUnit begins at the NAL unit header: no length prefix, no start code
 * @throws ProtocolError if it has no header of two bytes
 */
export function hevcNalUnitTypeOf(nalUnit: Uint8Array): number {
  if (nalUnit.length < 2) {
    throw new ProtocolError(`an HEVC NAL unit has ${nalUnit.length} bytes, needs 2`)
  }
  return (nalUnit[0]! >> 1) & 0x3f
}

/** Whether a NAL unit of that type is a slice of a picture that decoding can begin with. */
export function isIntraRandomAccess(nalUnitType: number): boolean {
  return (
    nalUnitType >= HevcNalUnitType.firstIntraRandomAccess &&
    nalUnitType <= HevcNalUnitType.lastIntraRandomAccess
  )
}
