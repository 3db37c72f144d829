export {
  AudioPacketType,
  type AudioTagInfo,
  FLV_SAMPLE_RATES,
  parseAudioTagBody,
} from './audio-tag-body.ts'
export {
  decodeFlvFileHeader,
  encodeFlvFileHeader,
  FLV_FILE_HEADER_BYTES,
  type FlvFileHeader,
} from './file-header.ts'
export {
  metadataAudioCodecId,
  metadataVideoCodecId,
  type NewAudioTag,
  type NewTagBody,
  type NewVideoTag,
  newAudioTagBody,
  newVideoTagBody,
} from './new-tag-body.ts'
export {
  decodeFlvTagHeader,
  FLV_PREVIOUS_TAG_SIZE_BYTES,
  FLV_TAG_HEADER_BYTES,
  type FlvTagHeader,
  FlvTagType,
  MAX_FLV_BODY_BYTES,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from './tag-header.ts'
export { type FlvTag, FlvTagReader, MAX_FLV_TAG_BYTES } from './tag-reader.ts'
export {
  fourCcOf,
  hasClassicForm,
  isEnhancedTagBody,
  isPlainTagBody,
  MAX_TRACKS,
  prefixNanosecondOffset,
  splitTracks,
  type TrackTagBody,
  toClassicTagBody,
  wrapTrack,
} from './tracks.ts'
export {
  parseVideoTagBody,
  VideoFrameType,
  VideoPacketType,
  type VideoTagInfo,
} from './video-tag-body.ts'
