import { LimitError } from '../../base/index.ts'
import type { Frame } from '../../live/index.ts'
import {
  ADTS_HEADER_BYTES,
  AudioPacketType,
  type AudioSpecificConfig,
  MAX_AUDIO_UNIT_BYTES,
  parseAudioSpecificConfig,
  parseAudioTagBody,
  parseAvcDecoderConfigurationRecord,
  parseHevcDecoderConfigurationRecord,
  parseVideoTagBody,
  VideoFrameType,
  VideoPacketType,
  writeAdtsHeader,
} from '../../media/index.ts'
import { type AnnexBSetup, toAnnexB } from './annex-b.ts'

/** How the present video is decoded. The same object for as long as the sequence header says the same. */
export type VideoSetup = AnnexBSetup & {
  /** The sequence header as sent. */
  readonly header: Uint8Array
}

/** How the present audio is decoded. The same object for as long as the sequence header says the same. */
export type AudioSetup = AacSetup | Readonly<{ codec: 'mp3' }>

type AacSetup = Readonly<{
  codec: 'aac'
  /** The sequence header as sent. */
  header: Uint8Array
  config: AudioSpecificConfig
}>

/** MP3 needs no configuration. */
export const MP3_SETUP: AudioSetup = { codec: 'mp3' }

/**
 * What a sequence header of H.264 or HEVC says.
 * @param previous returned as it is if the header repeats it
 * @throws ProtocolError if it cannot be read
 */
export function readVideoSetup(frame: Frame, previous: VideoSetup | null): VideoSetup {
  const { dataOffset, dataEnd } = parseVideoTagBody(frame.body)
  const header = frame.body.subarray(dataOffset, dataEnd)
  const codec = frame.codec === 'hevc' ? 'hevc' : 'avc'
  if (previous?.codec === codec && Buffer.compare(previous.header, header) === 0) {
    return previous
  }
  if (codec === 'hevc') {
    const record = parseHevcDecoderConfigurationRecord(header)
    const { videoParameterSets, sequenceParameterSets, pictureParameterSets, nalUnitLengthSize } = record
    const parameterSets = [...videoParameterSets, ...sequenceParameterSets, ...pictureParameterSets]
    return { codec, header, nalUnitLengthSize, parameterSets }
  }
  const record = parseAvcDecoderConfigurationRecord(header)
  const parameterSets = [...record.sequenceParameterSets, ...record.pictureParameterSets]
  return { codec, header, nalUnitLengthSize: record.nalUnitLengthSize, parameterSets }
}

/**
 * What an AAC sequence header says.
 * @param previous returned as it is if the header repeats it
 * @throws ProtocolError if it cannot be read
 */
export function readAudioSetup(frame: Frame, previous: AudioSetup | null): AudioSetup {
  const { dataOffset, dataEnd } = parseAudioTagBody(frame.body)
  const header = frame.body.subarray(dataOffset, dataEnd)
  if (previous?.codec === 'aac' && Buffer.compare(previous.header, header) === 0) {
    return previous
  }
  return { codec: 'aac', header, config: parseAudioSpecificConfig(header) }
}

/**
 * A picture as a transport stream carries it.
 * @returns pieces in order, views into the frame; none if it has no picture
 * @throws ProtocolError if it is damaged
 */
export function videoPieces(frame: Frame, setup: VideoSetup): Uint8Array[] {
  const tag = parseVideoTagBody(frame.body)
  const coded =
    tag.packetType === VideoPacketType.codedFrames || tag.packetType === VideoPacketType.codedFramesX
  if (!coded || tag.frameType === VideoFrameType.command) {
    return []
  }
  return toAnnexB(frame.body.subarray(tag.dataOffset, tag.dataEnd), setup, frame.keyframe)
}

/**
 * An audio frame as a transport stream carries it: AAC behind an ADTS header, MP3 as it is.
 * @returns pieces in order, views into the frame; none if it has no sound
 * @throws ProtocolError if it is damaged, ADTS cannot state its configuration, or it is larger than `MAX_AUDIO_UNIT_BYTES`
 */
export function audioPieces(frame: Frame, setup: AudioSetup): Uint8Array[] {
  const tag = parseAudioTagBody(frame.body)
  const data = frame.body.subarray(tag.dataOffset, tag.dataEnd)
  if (tag.packetType !== AudioPacketType.codedFrames || data.length === 0) {
    return []
  }
  if (data.length > MAX_AUDIO_UNIT_BYTES) {
    throw new LimitError('MAX_AUDIO_UNIT_BYTES', MAX_AUDIO_UNIT_BYTES, data.length)
  }
  if (setup.codec === 'mp3') {
    return [data]
  }
  const header = new Uint8Array(ADTS_HEADER_BYTES)
  writeAdtsHeader(header, 0, setup.config, data.length)
  return [header, data]
}

/** How long an audio frame sounds, ms, not rounded; null where the configuration does not say. */
export function audioFrameMs(setup: AudioSetup): number | null {
  return setup.codec === 'aac' ? (setup.config.samplesPerFrame * 1000) / setup.config.samplingFrequency : null
}
