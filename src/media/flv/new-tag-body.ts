import { AudioPacketType } from './audio-tag-body.ts'
import { fourCcToNumber } from './tag-body.ts'
import { VideoFrameType, VideoPacketType } from './video-tag-body.ts'

/** A tag body whose header is written and whose payload is yet to be. */
export type NewTagBody = Readonly<{
  /** All of it. */
  body: Uint8Array
  /** The part that the payload goes to. */
  payload: Uint8Array
}>

/** A video tag to be. */
export type NewVideoTag = Readonly<{
  /** As what it is written. */
  codec: 'avc' | 'hevc' | 'av1' | 'vp8' | 'vp9'
  /** The payload is a decoder configuration. */
  sequenceHeader: boolean
  /** Coded video that can be decoded with nothing before it; sequence headers count as such. */
  keyframe: boolean
  /** Presentation time minus decode time, ms; what doesn't fit into 24 bits is cut to what does. */
  compositionOffsetMs: number
}>

/** An audio tag to be. */
export type NewAudioTag = Readonly<{
  /** As what it is written. */
  codec: 'aac' | 'mp3' | 'opus' | 'flac' | 'ac3' | 'eac3'
  /** The payload is a decoder configuration. */
  sequenceHeader: boolean
  /** Hz; of MP3 only it is said. */
  sampleRate: number
  /** Of MP3 only it is said. */
  channelCount: number
}>

const VIDEO_FOURCCS = {
  hevc: fourCcToNumber('hvc1'),
  av1: fourCcToNumber('av01'),
  vp8: fourCcToNumber('vp08'),
  vp9: fourCcToNumber('vp09'),
}
const AUDIO_FOURCCS = {
  opus: fourCcToNumber('Opus'),
  flac: fourCcToNumber('fLaC'),
  ac3: fourCcToNumber('ac-3'),
  eac3: fourCcToNumber('ec-3'),
}

const CLASSIC_AVC = 7
/** AAC, 44 kHz, 16 bit, stereo: what E.4.2.1 asks for, whatever the AAC is. */
const CLASSIC_AAC = 0xaf
const CLASSIC_MP3 = 0x20
const SIXTEEN_BIT = 0x02
const ENHANCED_VIDEO = 0x80
const ENHANCED_AUDIO = 0x90

/**
 * Begins a video tag body: H.264 the classic way (Adobe Video File Format 10.1, E.4.3), others by FourCC (Enhanced RTMP v2).
 * @param payloadBytes how long the payload will be
 */
export function newVideoTagBody(tag: NewVideoTag, payloadBytes: number): NewTagBody {
  const { codec, sequenceHeader } = tag
  const frameType =
    (tag.keyframe || sequenceHeader ? VideoFrameType.keyFrame : VideoFrameType.interFrame) * 16
  const offset = sequenceHeader ? 0 : tag.compositionOffsetMs
  if (codec === 'avc') {
    const packetType = sequenceHeader ? VideoPacketType.sequenceStart : VideoPacketType.codedFrames
    return begin([frameType + CLASSIC_AVC, packetType, ...toInt24(offset)], payloadBytes)
  }
  const fourCc = toUint32(VIDEO_FOURCCS[codec])
  if (sequenceHeader) {
    return begin([ENHANCED_VIDEO + frameType + VideoPacketType.sequenceStart, ...fourCc], payloadBytes)
  }
  if (codec !== 'hevc') {
    return begin([ENHANCED_VIDEO + frameType + VideoPacketType.codedFrames, ...fourCc], payloadBytes)
  }
  return offset === 0
    ? begin([ENHANCED_VIDEO + frameType + VideoPacketType.codedFramesX, ...fourCc], payloadBytes)
    : begin(
        [ENHANCED_VIDEO + frameType + VideoPacketType.codedFrames, ...fourCc, ...toInt24(offset)],
        payloadBytes,
      )
}

/**
 * Begins an audio tag body: AAC and MP3 the classic way (Adobe Video File Format 10.1, E.4.2), others by FourCC (Enhanced RTMP v2).
 * @param payloadBytes how long the payload will be
 */
export function newAudioTagBody(tag: NewAudioTag, payloadBytes: number): NewTagBody {
  const packetType = tag.sequenceHeader ? AudioPacketType.sequenceStart : AudioPacketType.codedFrames
  if (tag.codec === 'aac') {
    return begin([CLASSIC_AAC, packetType], payloadBytes)
  }
  if (tag.codec === 'mp3') {
    // Rates that SoundRate can't say are said as the next lower one it can; decoders read the frame's own.
    const rate =
      tag.sampleRate >= 44_100 ? 3 : tag.sampleRate >= 22_050 ? 2 : tag.sampleRate >= 11_025 ? 1 : 0
    const channels = tag.channelCount === 1 ? 0 : 1
    return begin([CLASSIC_MP3 + rate * 4 + SIXTEEN_BIT + channels], payloadBytes)
  }
  return begin([ENHANCED_AUDIO + packetType, ...toUint32(AUDIO_FOURCCS[tag.codec])], payloadBytes)
}

/** What metadata says for a video codec, `videocodecid`: E.5, or the FourCC as a number (Enhanced RTMP v2). */
export function metadataVideoCodecId(codec: NewVideoTag['codec']): number {
  return codec === 'avc' ? CLASSIC_AVC : VIDEO_FOURCCS[codec]
}

/** What metadata says for an audio codec, `audiocodecid`: E.5, or the FourCC as a number (Enhanced RTMP v2). */
export function metadataAudioCodecId(codec: NewAudioTag['codec']): number {
  switch (codec) {
    case 'aac':
      return CLASSIC_AAC >> 4
    case 'mp3':
      return CLASSIC_MP3 >> 4
    default:
      return AUDIO_FOURCCS[codec]
  }
}

function begin(header: readonly number[], payloadBytes: number): NewTagBody {
  const body = new Uint8Array(header.length + payloadBytes)
  body.set(header)
  return { body, payload: body.subarray(header.length) }
}

function toUint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
}

function toInt24(value: number): number[] {
  const cut = Math.max(-0x800000, Math.min(0x7fffff, value))
  return [(cut >> 16) & 0xff, (cut >> 8) & 0xff, cut & 0xff]
}
