import { type Ms, ms } from '../../base/index.ts'
import { ByteReader } from '../../bytes/index.ts'
import type { VideoCodec } from '../codec.ts'
import { checkTrackEnd, fourCcToNumber, readEnhancedHeader, type TagBodyInfo } from './tag-body.ts'

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

const ENHANCED_VIDEO_FLAG = 0x80

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
