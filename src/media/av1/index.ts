export {
  type Av1CodecConfigurationRecord,
  parseAv1CodecConfigurationRecord,
} from './codec-configuration-record.ts'
export { av1CodecString, av1LevelName, av1ProfileName } from './names.ts'
export { findAv1PictureSize, MAX_AV1_OBUS_SEARCHED } from './sequence-header.ts'
