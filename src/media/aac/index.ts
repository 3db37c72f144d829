export { ADTS_HEADER_BYTES, type AdtsConfig, MAX_ADTS_RAW_BYTES, writeAdtsHeader } from './adts.ts'
export {
  AAC_SAMPLING_FREQUENCIES,
  AacObjectType,
  type AudioSpecificConfig,
  parseAudioSpecificConfig,
} from './audio-specific-config.ts'
export { aacCodecString, aacProfileName } from './names.ts'
