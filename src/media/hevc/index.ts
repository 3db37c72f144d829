export {
  type HevcDecoderConfigurationRecord,
  parseHevcDecoderConfigurationRecord,
} from './decoder-configuration-record.ts'
export { HevcNalUnitType, hevcNalUnitTypeOf, isIntraRandomAccess } from './nal-unit.ts'
export { hevcCodecString, hevcLevelName, hevcProfileName } from './names.ts'
export { MAX_HEVC_DIMENSION_PIXELS, parseHevcPictureSize } from './sequence-parameter-set.ts'
