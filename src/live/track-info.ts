import { ProtocolError } from '../base/index.ts'
import {
  type AudioCodec,
  aacCodecString,
  aacProfileName,
  av1CodecString,
  av1LevelName,
  av1ProfileName,
  avcCodecString,
  avcLevelName,
  avcProfileName,
  findAv1PictureSize,
  fourCcOf,
  hevcCodecString,
  hevcLevelName,
  hevcProfileName,
  OPUS_SAMPLE_RATE,
  parseAc3SyncFrame,
  parseAudioSpecificConfig,
  parseAudioTagBody,
  parseAv1CodecConfigurationRecord,
  parseAvcDecoderConfigurationRecord,
  parseFlacStreamInfo,
  parseHevcDecoderConfigurationRecord,
  parseHevcPictureSize,
  parseMp3FrameHeader,
  parseOpusChannelCount,
  parseSequenceParameterSet,
  parseVideoTagBody,
  parseVp8KeyframeSize,
  parseVp9KeyframeSize,
  parseVpCodecConfigurationRecord,
  type VideoCodec,
  vp9CodecString,
  vp9LevelName,
} from '../media/index.ts'

/** What is known of a video track. */
export type VideoTrackInfo = Readonly<{
  /** The codec; `unknown` for ids not known here. */
  codec: VideoCodec
  /** The FourCC it is sent with; null if it is sent classic. */
  fourCc: string | null
  /** For `codecs` parameters and playlists (RFC 6381); empty if not known. */
  codecString: string
  /** e.g. 'High'; empty if not known. */
  profile: string
  /** e.g. '3.1'; empty if not known. */
  level: string
  /** Pixels; 0 if not known. */
  width: number
  /** Pixels; 0 if not known. */
  height: number
}>

/** What is known of an audio track. */
export type AudioTrackInfo = Readonly<{
  /** The codec; `unknown` for ids not known here. */
  codec: AudioCodec
  /** The FourCC it is sent with; null if it is sent classic. */
  fourCc: string | null
  /** For `codecs` parameters and playlists (RFC 6381); empty if not known. */
  codecString: string
  /** e.g. 'LC'; empty if not known. */
  profile: string
  /** Hz; 0 if not known. */
  sampleRate: number
  /** Channels; 0 if not known. */
  channelCount: number
}>

/** Codecs whose keyframes state the picture's size. */
const SIZE_IN_KEYFRAMES: ReadonlySet<VideoCodec | AudioCodec | 'amf0'> = new Set([
  'vp8',
  'vp9',
  'av1',
] as const)

type VideoDetails = Partial<Omit<VideoTrackInfo, 'codec' | 'fourCc'>>
type AudioDetails = Partial<Omit<AudioTrackInfo, 'codec' | 'fourCc'>>

/**
 * What a tag body says of its video track: a sequence header, or a keyframe of a codec that has none. What cannot be read
 * stays unknown.
 * @param body of one track, without ModEx prefixes; one that `parseVideoTagBody` takes
 */
export function describeVideoTrack(body: Uint8Array): VideoTrackInfo {
  const { codec, sequenceHeader, dataOffset } = parseVideoTagBody(body)
  const payload = body.subarray(dataOffset)
  const details = understood(() =>
    sequenceHeader ? videoHeaderDetails(codec, payload) : videoFrameDetails(codec, payload),
  )
  return {
    codec,
    fourCc: fourCcOf('video', body),
    codecString: '',
    profile: '',
    level: '',
    width: 0,
    height: 0,
    ...details,
  }
}

/** What a tag body says of its audio track; see `describeVideoTrack`. */
export function describeAudioTrack(body: Uint8Array): AudioTrackInfo {
  const { codec, sequenceHeader, dataOffset } = parseAudioTagBody(body)
  const payload = body.subarray(dataOffset)
  const details = understood(() =>
    sequenceHeader ? audioHeaderDetails(codec, payload) : audioFrameDetails(codec, payload),
  )
  return {
    codec,
    fourCc: fourCcOf('audio', body),
    codecString: '',
    profile: '',
    sampleRate: 0,
    channelCount: 0,
    ...details,
  }
}

/** Whether a keyframe of a codec is worth a look when the size of its pictures is not known. */
export function statesSizeInKeyframes(codec: VideoCodec | AudioCodec | 'amf0'): boolean {
  return SIZE_IN_KEYFRAMES.has(codec)
}

function videoHeaderDetails(codec: VideoCodec, payload: Uint8Array): VideoDetails {
  switch (codec) {
    case 'avc':
      return avcDetails(payload)
    case 'hevc':
      return hevcDetails(payload)
    case 'av1':
      return av1Details(payload)
    case 'vp9':
      return vp9Details(payload)
    default:
      return {}
  }
}

function avcDetails(payload: Uint8Array): VideoDetails {
  const record = parseAvcDecoderConfigurationRecord(payload)
  const [parameterSet] = record.sequenceParameterSets
  return {
    codecString: avcCodecString(record),
    profile: avcProfileName(record.profileIdc),
    level: avcLevelName(record.levelIdc),
    ...understood(() => (parameterSet === undefined ? {} : sizeOf(parseSequenceParameterSet(parameterSet)))),
  }
}

function hevcDetails(payload: Uint8Array): VideoDetails {
  const record = parseHevcDecoderConfigurationRecord(payload)
  const [parameterSet] = record.sequenceParameterSets
  return {
    codecString: hevcCodecString(record),
    profile: hevcProfileName(record.profileIdc),
    level: hevcLevelName(record.levelIdc),
    ...understood(() => (parameterSet === undefined ? {} : parseHevcPictureSize(parameterSet))),
  }
}

function av1Details(payload: Uint8Array): VideoDetails {
  const record = parseAv1CodecConfigurationRecord(payload)
  return {
    codecString: av1CodecString(record),
    profile: av1ProfileName(record.profile),
    level: av1LevelName(record.levelIndex),
    ...understood(() => findAv1PictureSize(record.configObus) ?? {}),
  }
}

function vp9Details(payload: Uint8Array): VideoDetails {
  const record = parseVpCodecConfigurationRecord(payload)
  return {
    codecString: vp9CodecString(record),
    profile: `Profile ${record.profile}`,
    level: vp9LevelName(record.level),
  }
}

function videoFrameDetails(codec: VideoCodec, payload: Uint8Array): VideoDetails {
  switch (codec) {
    case 'av1':
      return findAv1PictureSize(payload) ?? {}
    case 'vp9':
      return parseVp9KeyframeSize(payload)
    case 'vp8':
      return { codecString: 'vp8', ...parseVp8KeyframeSize(payload) }
    default:
      return {}
  }
}

function audioHeaderDetails(codec: AudioCodec, payload: Uint8Array): AudioDetails {
  switch (codec) {
    case 'aac': {
      const config = parseAudioSpecificConfig(payload)
      return {
        codecString: aacCodecString(config),
        profile: aacProfileName(config.audioObjectType),
        sampleRate: config.samplingFrequency,
        channelCount: config.channelCount,
      }
    }
    case 'opus':
      return {
        codecString: 'opus',
        sampleRate: OPUS_SAMPLE_RATE,
        channelCount: parseOpusChannelCount(payload),
      }
    case 'flac':
      return { codecString: 'flac', ...parseFlacStreamInfo(payload) }
    default:
      return {}
  }
}

function audioFrameDetails(codec: AudioCodec, payload: Uint8Array): AudioDetails {
  switch (codec) {
    case 'mp3':
      return { codecString: 'mp4a.40.34', ...parseMp3FrameHeader(payload) }
    case 'ac3':
      return { codecString: 'ac-3', ...parseAc3SyncFrame(payload) }
    case 'eac3':
      return { codecString: 'ec-3', ...parseAc3SyncFrame(payload) }
    default:
      return {}
  }
}

function sizeOf({ width, height }: { width: number; height: number }): VideoDetails {
  return { width, height }
}

/** What can be read; nothing if it is damaged, which is for decoders to complain of. */
function understood<T extends object>(read: () => T): T | Record<never, never> {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) {
      return {}
    }
    throw error
  }
}
