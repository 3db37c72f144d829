import { ProtocolError, toError } from '../../base/index.ts'
import {
  encodeAmf0,
  type Mp4AudioDescription,
  type Mp4Media,
  metadataAudioCodecId,
  metadataVideoCodecId,
  type PlayableMp4Tracks,
  parseAudioSpecificConfig,
} from '../../media/index.ts'

/**
 * The metadata of a file (Adobe Video File Format 10.1, E.5), as encoders send them: without a duration, for the stream has none.
 * @throws ProtocolError if the AudioSpecificConfig of AAC can't be read
 */
export function encodeMp4Metadata({ video, audio }: PlayableMp4Tracks): Uint8Array {
  return encodeAmf0('onMetaData', {
    ...(video === null ? {} : describeVideo(video.media)),
    ...(audio === null ? {} : describeAudio(audio.media)),
  })
}

function describeVideo(media: Mp4Media): Record<string, number> {
  const { description, table, timescale, durationTicks } = media
  if (description.kind !== 'video') {
    return {}
  }
  const { codec, width, height } = description
  const frameRate = durationTicks === 0 ? 0 : (table.count * timescale) / durationTicks
  return {
    width,
    height,
    ...(frameRate === 0 ? {} : { framerate: Math.round(frameRate * 1000) / 1000 }),
    videocodecid: metadataVideoCodecId(codec),
  }
}

function describeAudio({ description }: Mp4Media): Record<string, number | boolean> {
  if (description.kind !== 'audio') {
    return {}
  }
  const { sampleRate, channelCount } = rateAndChannelsOf(description)
  return {
    audiosamplerate: sampleRate,
    audiosamplesize: 16,
    stereo: channelCount > 1,
    audiocodecid: metadataAudioCodecId(description.codec),
  }
}

function rateAndChannelsOf(description: Mp4AudioDescription): { sampleRate: number; channelCount: number } {
  if (description.codec !== 'aac') {
    return description
  }
  try {
    const config = parseAudioSpecificConfig(description.configuration)
    const sampleRate = config.extensionSamplingFrequency ?? config.samplingFrequency
    return { sampleRate, channelCount: config.channelCount }
  } catch (error) {
    throw new ProtocolError(`the AudioSpecificConfig of its sound: ${toError(error).message}`, {
      cause: error,
    })
  }
}
