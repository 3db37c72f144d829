import { type Ms, ms } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'
import type { AudioCodec, VideoCodec } from '../codec.ts'
import { checkTrackEnd, fourCcToNumber, readEnhancedHeader } from './enhanced-header.ts'

/** FrameType of a video tag: Adobe Video File Format 10.1, E.4.3.1. */
export const VideoFrameType = {
  keyFrame: 1,
  interFrame: 2,
  /** H.263 only. */
  disposableInterFrame: 3,
  /** For servers only. */
  generatedKeyFrame: 4,
  /** The body is a one-byte command and no picture. */
  command: 5,
} as const

/** VideoPacketType of Enhanced RTMP v2; the AVCPacketType of classic tags has the first three. */
export const VideoPacketType = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  /** Coded frames with a composition offset of zero, left out. */
  codedFramesX: 3,
  metadata: 4,
  mpeg2TsSequenceStart: 5,
  multitrack: 6,
  modEx: 7,
} as const

/** AudioPacketType of Enhanced RTMP v2; the AACPacketType of classic tags has the first two. */
export const AudioPacketType = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  multichannelConfig: 4,
  multitrack: 5,
  modEx: 7,
} as const

/** Rates in Hz by `AudioTagInfo.sampleRateIndex`: Adobe Video File Format 10.1, E.4.2.1 (SoundRate). */
export const FLV_SAMPLE_RATES: readonly number[] = [5512, 11_025, 22_050, 44_100]

type TagBodyInfo = Readonly<{
  /** Where the codec's payload begins in the body. */
  dataOffset: number
  /** Where the payload ends: at the body's end, unless more tracks follow. */
  dataEnd: number
  /** The body has an Enhanced RTMP header. */
  enhanced: boolean
  /** The payload is one track of an Enhanced RTMP multitrack body: the first if there are several. */
  multitrack: boolean
  /** The track the payload belongs to; 0, the default track, unless `multitrack`. */
  trackId: number
}>

/** What the header of a video tag body says. */
export type VideoTagInfo = TagBodyInfo &
  Readonly<{
    /** The codec; `unknown` for ids not known here and for commands of Enhanced RTMP, which state none. */
    codec: VideoCodec
    /** A `VideoFrameType`, or a reserved value. */
    frameType: number
    /** A `VideoPacketType`, or a reserved value; `codedFrames` for classic tags of codecs that have no packet type. */
    packetType: number
    /** Coded video that can be decoded with nothing before it but the sequence header. */
    keyframe: boolean
    /** The payload is a decoder configuration. */
    sequenceHeader: boolean
    /** The sequence is over; there is no payload. */
    endOfSequence: boolean
    /** Presentation time minus decode time in ms, may be negative; 0 except for coded frames. */
    compositionOffset: Ms
  }>

/** What the header of an audio tag body says. */
export type AudioTagInfo = TagBodyInfo &
  Readonly<{
    /** The codec; `unknown` for ids not known here. */
    codec: AudioCodec
    /** An `AudioPacketType`, or a reserved value; `codedFrames` for classic tags of codecs that have no packet type. */
    packetType: number
    /** The payload is a decoder configuration. */
    sequenceHeader: boolean
    /** SoundRate, an index of `FLV_SAMPLE_RATES`; null if enhanced. Of AAC it says nothing. */
    sampleRateIndex: number | null
    /** SoundSize in bits, 8 or 16; null if enhanced. Says nothing of compressed audio. */
    sampleSizeBits: 8 | 16 | null
    /** SoundType: 1 mono, 2 stereo; null if enhanced. Of AAC it says nothing. */
    channelCount: 1 | 2 | null
  }>

// E.4.3.1; 12 is not in it, but what many encoders send HEVC as.
const VIDEO_CODECS = new Map<number, VideoCodec>([
  [2, 'h263'],
  [3, 'screen'],
  [4, 'vp6'],
  [5, 'vp6'],
  [6, 'screen'],
  [7, 'avc'],
  [12, 'hevc'],
])

const VIDEO_FOURCCS = new Map<number, VideoCodec>([
  [fourCcToNumber('avc1'), 'avc'],
  [fourCcToNumber('hvc1'), 'hevc'],
  [fourCcToNumber('vvc1'), 'vvc'],
  [fourCcToNumber('av01'), 'av1'],
  [fourCcToNumber('vp08'), 'vp8'],
  [fourCcToNumber('vp09'), 'vp9'],
])

// E.4.2.1.
const AUDIO_CODECS = new Map<number, AudioCodec>([
  [0, 'pcm'],
  [1, 'adpcm'],
  [2, 'mp3'],
  [3, 'pcm'],
  [4, 'nellymoser'],
  [5, 'nellymoser'],
  [6, 'nellymoser'],
  [7, 'g711a'],
  [8, 'g711u'],
  [10, 'aac'],
  [11, 'speex'],
  [14, 'mp3'],
])

const AUDIO_FOURCCS = new Map<number, AudioCodec>([
  [fourCcToNumber('mp4a'), 'aac'],
  [fourCcToNumber('.mp3'), 'mp3'],
  [fourCcToNumber('Opus'), 'opus'],
  [fourCcToNumber('fLaC'), 'flac'],
  [fourCcToNumber('ac-3'), 'ac3'],
  [fourCcToNumber('ec-3'), 'eac3'],
])

const ENHANCED_VIDEO_FLAG = 0x80
const ENHANCED_SOUND_FORMAT = 9

/**
 * Reads the header of a video tag body, which is an RTMP video message, too: classic (Adobe Video File Format 10.1, E.4.3)
 * or Enhanced RTMP v2 (ExVideoTagHeader). The payload is not looked at.
 * @param body read in place
 * @throws ProtocolError if it ends inside the header; an unknown codec or packet type is no error
 */
export function parseVideoTagBody(body: Uint8Array): VideoTagInfo {
  const reader = new ByteReader(body)
  const firstByte = reader.readUint8()
  const frameType = (firstByte >> 4) & 0x07
  if (firstByte >= ENHANCED_VIDEO_FLAG) {
    return parseEnhancedVideo(reader, frameType, firstByte & 0x0f)
  }
  const codec = VIDEO_CODECS.get(firstByte & 0x0f) ?? 'unknown'
  let packetType: number = VideoPacketType.codedFrames
  let compositionOffset = 0
  const hasPacketType = codec === 'avc' || codec === 'hevc'
  if (hasPacketType && frameType !== VideoFrameType.command) {
    packetType = reader.readUint8()
    compositionOffset = reader.readInt24()
  }
  const coded = packetType === VideoPacketType.codedFrames
  return {
    codec,
    frameType,
    packetType,
    keyframe: coded && frameType === VideoFrameType.keyFrame,
    sequenceHeader: packetType === VideoPacketType.sequenceStart && frameType === VideoFrameType.keyFrame,
    endOfSequence: packetType === VideoPacketType.sequenceEnd,
    compositionOffset: ms(coded ? compositionOffset : 0),
    dataOffset: reader.offset,
    dataEnd: body.length,
    enhanced: false,
    multitrack: false,
    trackId: 0,
  }
}

/**
 * Reads the header of an audio tag body, which is an RTMP audio message, too: classic (Adobe Video File Format 10.1, E.4.2)
 * or Enhanced RTMP v2 (ExAudioTagHeader). The payload is not looked at.
 * @param body read in place
 * @throws ProtocolError if it ends inside the header (an empty body, which some publishers send for silence, does); an
 * unknown codec or packet type is no error
 */
export function parseAudioTagBody(body: Uint8Array): AudioTagInfo {
  const reader = new ByteReader(body)
  const firstByte = reader.readUint8()
  const soundFormat = firstByte >> 4
  if (soundFormat === ENHANCED_SOUND_FORMAT) {
    return parseEnhancedAudio(reader, firstByte & 0x0f)
  }
  const codec = AUDIO_CODECS.get(soundFormat) ?? 'unknown'
  const packetType = codec === 'aac' ? reader.readUint8() : AudioPacketType.codedFrames
  return {
    codec,
    packetType,
    sequenceHeader: packetType === AudioPacketType.sequenceStart,
    sampleRateIndex: (firstByte >> 2) & 0x03,
    sampleSizeBits: (firstByte & 0x02) === 0 ? 8 : 16,
    channelCount: (firstByte & 0x01) === 0 ? 1 : 2,
    dataOffset: reader.offset,
    dataEnd: body.length,
    enhanced: false,
    multitrack: false,
    trackId: 0,
  }
}

function parseEnhancedVideo(reader: ByteReader, frameType: number, firstPacketType: number): VideoTagInfo {
  const header = readEnhancedHeader(reader, firstPacketType, {
    multitrackPacketType: VideoPacketType.multitrack,
    // The frame type means nothing for metadata.
    isCommand: (packetType) =>
      frameType === VideoFrameType.command && packetType !== VideoPacketType.metadata,
  })
  const { packetType, command } = header
  const codec = VIDEO_FOURCCS.get(header.fourCc) ?? 'unknown'
  const hasCompositionTime = codec === 'avc' || codec === 'hevc' || codec === 'vvc'
  let compositionOffset = 0
  if (!command && hasCompositionTime && packetType === VideoPacketType.codedFrames) {
    compositionOffset = reader.readInt24()
    checkTrackEnd(reader, header)
  }
  const coded = packetType === VideoPacketType.codedFrames || packetType === VideoPacketType.codedFramesX
  return {
    codec,
    frameType,
    packetType,
    keyframe: coded && frameType === VideoFrameType.keyFrame,
    sequenceHeader:
      !command &&
      (packetType === VideoPacketType.sequenceStart || packetType === VideoPacketType.mpeg2TsSequenceStart),
    endOfSequence: !command && packetType === VideoPacketType.sequenceEnd,
    compositionOffset: ms(compositionOffset),
    dataOffset: reader.offset,
    dataEnd: header.dataEnd,
    enhanced: true,
    multitrack: header.multitrack,
    trackId: header.trackId,
  }
}

function parseEnhancedAudio(reader: ByteReader, firstPacketType: number): AudioTagInfo {
  const header = readEnhancedHeader(reader, firstPacketType, {
    multitrackPacketType: AudioPacketType.multitrack,
    isCommand: () => false,
  })
  return {
    codec: AUDIO_FOURCCS.get(header.fourCc) ?? 'unknown',
    packetType: header.packetType,
    sequenceHeader: header.packetType === AudioPacketType.sequenceStart,
    sampleRateIndex: null,
    sampleSizeBits: null,
    channelCount: null,
    dataOffset: reader.offset,
    dataEnd: header.dataEnd,
    enhanced: true,
    multitrack: header.multitrack,
    trackId: header.trackId,
  }
}
