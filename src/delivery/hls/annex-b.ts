import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  AvcNalUnitType,
  avcNalUnitTypeOf,
  HevcNalUnitType,
  hevcNalUnitTypeOf,
  isIntraRandomAccess,
  MAX_NAL_UNITS_PER_ACCESS_UNIT,
  splitNalUnits,
} from '../../media/index.ts'

/** What is needed of a video's configuration to write its pictures. */
export type AnnexBSetup = Readonly<{
  codec: 'avc' | 'hevc'
  /** Bytes of the length before each NAL unit, 1 to 4. */
  nalUnitLengthSize: number
  /** The NAL units that decoding begins with, in order. */
  parameterSets: readonly Uint8Array[]
}>

/** Where H.264 and HEVC differ. */
type Syntax = Readonly<{
  typeOf: (nalUnit: Uint8Array) => number
  delimiterType: number
  /** An access unit delimiter with its start code: slices of any type follow. */
  delimiter: Uint8Array
  /** Of a complete set of parameters. */
  parameterSetTypes: readonly number[]
  isRandomAccess: (type: number) => boolean
}>

const SYNTAXES: Readonly<Record<AnnexBSetup['codec'], Syntax>> = {
  avc: {
    typeOf: avcNalUnitTypeOf,
    delimiterType: AvcNalUnitType.accessUnitDelimiter,
    delimiter: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0), // primary_pic_type 7
    parameterSetTypes: [AvcNalUnitType.sequenceParameterSet, AvcNalUnitType.pictureParameterSet],
    isRandomAccess: (type) => type === AvcNalUnitType.idrSlice,
  },
  hevc: {
    typeOf: hevcNalUnitTypeOf,
    delimiterType: HevcNalUnitType.accessUnitDelimiter,
    delimiter: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50), // pic_type 2
    parameterSetTypes: [
      HevcNalUnitType.videoParameterSet,
      HevcNalUnitType.sequenceParameterSet,
      HevcNalUnitType.pictureParameterSet,
    ],
    isRandomAccess: isIntraRandomAccess,
  },
}

const START_CODE: Uint8Array = Uint8Array.of(0, 0, 0, 1)

/**
 * A picture of FLV (length before each NAL unit) as MPEG-TS wants it (ISO/IEC 14496-10 and 23008-2, Annex B; ISO/IEC 13818-1,
 * 2.14 and 2.17): a start code before each NAL unit, an access unit delimiter first, and the parameter sets where decoding
 * can start, unless the picture brings its own. Some encoders send start codes already; that is taken too.
 * @param accessUnit read in place; the pieces are views into it
 * @param setup the sequence header's
 * @param keyframe decoding is to start here even if no slice says so
 * @returns the pieces in order; none if there is no NAL unit
 * @throws ProtocolError if it is cut short
 */
export function toAnnexB(accessUnit: Uint8Array, setup: AnnexBSetup, keyframe: boolean): Uint8Array[] {
  const syntax = SYNTAXES[setup.codec]
  const nalUnits = splitAccessUnit(accessUnit, setup.nalUnitLengthSize)
  const [first] = nalUnits
  if (first === undefined) {
    return []
  }
  const types = new Set(nalUnits.map(syntax.typeOf))
  const complete = syntax.parameterSetTypes.every((type) => types.has(type))
  const wantsParameterSets = (keyframe || [...types].some(syntax.isRandomAccess)) && !complete
  const delimited = syntax.typeOf(first) === syntax.delimiterType
  const pieces = delimited ? [START_CODE, first] : [syntax.delimiter]
  // Right behind the delimiter: a supplemental message may already refer to them.
  if (wantsParameterSets) {
    for (const parameterSet of setup.parameterSets) {
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
