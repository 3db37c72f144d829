import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  type AvcDecoderConfigurationRecord,
  AvcNalUnitType,
  avcNalUnitTypeOf,
  MAX_NAL_UNITS_PER_ACCESS_UNIT,
  splitNalUnits,
} from '../../media/index.ts'

const START_CODE: Uint8Array = Uint8Array.of(0, 0, 0, 1)

/** An access unit delimiter with its start code; primary_pic_type 7: slices of any type follow. */
const ACCESS_UNIT_DELIMITER: Uint8Array = Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0)

/**
 * A picture of FLV (length before each NAL unit) as MPEG-TS wants it (ISO/IEC 14496-10, Annex B; ISO/IEC 13818-1, 2.14):
 * a start code before each NAL unit, an access unit delimiter first, and the parameter sets where decoding can start,
 * unless the picture brings its own. Some encoders send start codes already; that is taken too.
 * @param accessUnit read in place; the pieces are views into it
 * @param config the sequence header's
 * @param keyframe decoding is to start here even if the picture has no IDR slice
 * @returns the pieces in order; none if there is no NAL unit
 * @throws ProtocolError if it is cut short
 */
export function toAnnexB(
  accessUnit: Uint8Array,
  config: AvcDecoderConfigurationRecord,
  keyframe: boolean,
): Uint8Array[] {
  const nalUnits = splitAccessUnit(accessUnit, config.nalUnitLengthSize)
  const [first] = nalUnits
  if (first === undefined) {
    return []
  }
  const types = new Set(nalUnits.map(avcNalUnitTypeOf))
  const complete =
    types.has(AvcNalUnitType.sequenceParameterSet) && types.has(AvcNalUnitType.pictureParameterSet)
  const wantsParameterSets = (keyframe || types.has(AvcNalUnitType.idrSlice)) && !complete
  const delimited = avcNalUnitTypeOf(first) === AvcNalUnitType.accessUnitDelimiter
  const pieces = delimited ? [START_CODE, first] : [ACCESS_UNIT_DELIMITER]
  // Right behind the delimiter: a supplemental message may already refer to them.
  if (wantsParameterSets) {
    for (const parameterSet of [...config.sequenceParameterSets, ...config.pictureParameterSets]) {
      pieces.push(START_CODE, parameterSet)
    }
  }
  for (const nalUnit of delimited ? nalUnits.slice(1) : nalUnits) {
    pieces.push(START_CODE, nalUnit)
  }
  return pieces
}

/**
 * By lengths if they come out even, else by start codes. In this order: 00 00 01 is also how the length of any NAL unit
 * of 256 to 511 bytes begins.
 */
function splitAccessUnit(accessUnit: Uint8Array, nalUnitLengthSize: number): Uint8Array[] {
  try {
    return splitNalUnits(accessUnit, nalUnitLengthSize)
  } catch (error) {
    if (error instanceof ProtocolError && beginsWithStartCode(accessUnit)) {
      return splitAtStartCodes(accessUnit)
    }
    throw error
  }
}

function beginsWithStartCode(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes
  return first === 0 && second === 0 && (third === 1 || (third === 0 && fourth === 1))
}

function splitAtStartCodes(bytes: Uint8Array): Uint8Array[] {
  const nalUnits: Uint8Array[] = []
  let start = -1
  for (let at = 0; at <= bytes.length; at++) {
    const isEnd = at === bytes.length
    if (!isEnd && !(bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1)) {
      continue
    }
    const nalUnit = start < 0 ? null : withoutTrailingZeros(bytes.subarray(start, at))
    if (nalUnit !== null && nalUnit.length > 0) {
      nalUnits.push(nalUnit)
    }
    if (nalUnits.length > MAX_NAL_UNITS_PER_ACCESS_UNIT) {
      throw new LimitError('MAX_NAL_UNITS_PER_ACCESS_UNIT', MAX_NAL_UNITS_PER_ACCESS_UNIT, nalUnits.length)
    }
    start = at + 3
    at += 2
  }
  return nalUnits
}

/** trailing_zero_8bits, and the zero_byte of the next start code. */
function withoutTrailingZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) {
    end--
  }
  return bytes.subarray(0, end)
}
