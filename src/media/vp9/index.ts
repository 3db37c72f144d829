export {
  parseVpCodecConfigurationRecord,
  type VpCodecConfigurationRecord,
  vp9CodecString,
  vp9LevelName,
} from './codec-configuration-record.ts'
export { parseVp9KeyframeSize } from './frame-header.ts'
