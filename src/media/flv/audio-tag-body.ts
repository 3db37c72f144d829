import { ByteReader } from '../../bytes/index.ts'
import type { AudioCodec } from '../codec.ts'
import { fourCcToNumber, readEnhancedHeader, type TagBodyInfo } from './tag-body.ts'

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

const ENHANCED_SOUND_FORMAT = 9

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
