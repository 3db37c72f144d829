export {
  type AvcDecoderConfigurationRecord,
  parseAvcDecoderConfigurationRecord,
} from './decoder-configuration-record.ts'
export { AvcNalUnitType, avcNalUnitTypeOf, MAX_NAL_UNITS_PER_ACCESS_UNIT, splitNalUnits } from './nal-unit.ts'
export { avcCodecString, avcLevelName, avcProfileName } from './names.ts'
export {
  type AvcSequenceParameterSet,
  MAX_AVC_DIMENSION_PIXELS,
  parseSequenceParameterSet,
} from './sequence-parameter-set.ts'
