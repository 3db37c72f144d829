import { ProtocolError } from '../../base/index.ts'
import { BitReader } from '../../bytes/index.ts'

/** Audio object types that a server meets: ISO/IEC 14496-3, Table 1.17. */
export const AacObjectType = {
  main: 1,
  lowComplexity: 2,
  scalableSampleRate: 3,
  longTermPrediction: 4,
  /** Spectral band replication: HE-AAC. */
  spectralBandReplication: 5,
  scalable: 6,
  /** Error resilient, bit-sliced arithmetic coding. */
  errorResilientBsac: 22,
  errorResilientLowDelay: 23,
  /** Parametric stereo: HE-AAC v2. */
  parametricStereo: 29,
} as const

/** Rates by samplingFrequencyIndex, in Hz: ISO/IEC 14496-3, Table 1.18. */
export const AAC_SAMPLING_FREQUENCIES: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
]

/** What a decoder needs before the first AAC frame: ISO/IEC 14496-3, 1.6.2.1. */
export type AudioSpecificConfig = Readonly<{
  /** The first audioObjectType stated; of HE-AAC signalled explicitly 5 or 29, of HE-AAC signalled so that old decoders see AAC-LC 2. */
  audioObjectType: number
  /** Samples per second and channel of the core coder, in Hz; of HE-AAC half of what is heard. */
  samplingFrequency: number
  /** The rate with spectral band replication, in Hz; absent unless the configuration says that there is any. */
  extensionSamplingFrequency?: number
  /** channelConfiguration as stated, 0 to 15; 0: a program config element describes the channels. */
  channelConfiguration: number
  /** Channels of the core coder (HE-AAC v2 makes two of its one); 0 if the configuration does not say. */
  channelCount: number
  /** Samples per channel of a frame at `samplingFrequency`: 1024 or 960; of AAC-LD 512 or 480. */
  samplesPerFrame: number
}>

// Channels by channelConfiguration: ISO/IEC 14496-3, Table 1.19; 0 where the value is reserved or the channels are elsewhere.
const CHANNEL_COUNTS = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0]

// Object types whose configuration is a GASpecificConfig (Table 1.15).
const GENERAL_AUDIO_OBJECT_TYPES = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23])

const SYNC_EXTENSION_TYPE = 0x2b7

type Draft = { -readonly [Key in keyof AudioSpecificConfig]: AudioSpecificConfig[Key] }

/**
 * Parses an AudioSpecificConfig, the payload of an AAC sequence header.
 * Only object type, rate and channels must be there: encoders cut the rest short, which then keeps its defaults.
 * @param bytes read in place
 * @throws ProtocolError if it ends before that or states no usable rate
 */
export function parseAudioSpecificConfig(bytes: Uint8Array): AudioSpecificConfig {
  const reader = new BitReader(bytes)
  const audioObjectType = readAudioObjectType(reader)
  const samplingFrequency = readSamplingFrequency(reader)
  const channelConfiguration = reader.readBits(4)
  const config: Draft = {
    audioObjectType,
    samplingFrequency,
    channelConfiguration,
    channelCount: CHANNEL_COUNTS[channelConfiguration]!,
    samplesPerFrame: 1024,
  }
  try {
    readOptionalParts(reader, config)
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error
    }
  }
  return config
}

function readOptionalParts(reader: BitReader, config: Draft): void {
  let coreObjectType = config.audioObjectType
  if (
    coreObjectType === AacObjectType.spectralBandReplication ||
    coreObjectType === AacObjectType.parametricStereo
  ) {
    config.extensionSamplingFrequency = readSamplingFrequency(reader)
    coreObjectType = readAudioObjectType(reader)
    if (coreObjectType === AacObjectType.errorResilientBsac) {
      reader.skipBits(4) // extensionChannelConfiguration
    }
  }
  if (!GENERAL_AUDIO_OBJECT_TYPES.has(coreObjectType)) {
    return
  }
  readGeneralAudioSpecificConfig(reader, coreObjectType, config)
  if (config.extensionSamplingFrequency === undefined) {
    readSyncExtension(reader, config)
  }
}

// ISO/IEC 14496-3, 4.4.1.
function readGeneralAudioSpecificConfig(reader: BitReader, coreObjectType: number, config: Draft): void {
  const shortFrames = reader.readFlag() // frameLengthFlag
  if (coreObjectType === AacObjectType.errorResilientLowDelay) {
    config.samplesPerFrame = shortFrames ? 480 : 512
  } else {
    config.samplesPerFrame = shortFrames ? 960 : 1024
  }
  if (reader.readFlag()) {
    reader.skipBits(14) // coreCoderDelay
  }
  const extensionFlag = reader.readFlag()
  if (config.channelConfiguration === 0) {
    readProgramConfigElement(reader, config)
  }
  if (coreObjectType === AacObjectType.scalable || coreObjectType === 20) {
    reader.skipBits(3) // layerNr
  }
  if (!extensionFlag) {
    return
  }
  if (coreObjectType === AacObjectType.errorResilientBsac) {
    reader.skipBits(16) // numOfSubFrame, layer_length
  } else if ([17, 19, 20, 23].includes(coreObjectType)) {
    reader.skipBits(3) // the three resilience flags
  }
  reader.skipBits(1) // extensionFlag3
}

// ISO/IEC 14496-3, 4.4.1.1: lists the channels.
function readProgramConfigElement(reader: BitReader, config: Draft): void {
  reader.skipBits(10) // element_instance_tag, object_type, sampling_frequency_index
  const frontSideAndBackElements = reader.readBits(4) + reader.readBits(4) + reader.readBits(4)
  const lowFrequencyElements = reader.readBits(2)
  const associatedDataElements = reader.readBits(3)
  const couplingChannelElements = reader.readBits(4)
  if (reader.readFlag()) {
    reader.skipBits(4) // mono_mixdown_element_number
  }
  if (reader.readFlag()) {
    reader.skipBits(4) // stereo_mixdown_element_number
  }
  if (reader.readFlag()) {
    reader.skipBits(3) // matrix_mixdown_idx, pseudo_surround_enable
  }
  let channelCount = lowFrequencyElements
  for (let i = 0; i < frontSideAndBackElements; i++) {
    channelCount += reader.readFlag() ? 2 : 1 // is_cpe: a channel pair
    reader.skipBits(4) // element_tag_select
  }
  config.channelCount = channelCount
  reader.skipBits(lowFrequencyElements * 4 + associatedDataElements * 4 + couplingChannelElements * 5)
  reader.skipBits(reader.remainingBits % 8) // byte_alignment
  reader.skipBits(reader.readBits(8) * 8) // comment_field_data
}

// ISO/IEC 14496-3, 1.6.2.1: HE-AAC signalled behind what an AAC-LC decoder reads.
function readSyncExtension(reader: BitReader, config: Draft): void {
  if (reader.readBits(11) !== SYNC_EXTENSION_TYPE) {
    return
  }
  const extensionObjectType = readAudioObjectType(reader)
  const sbrPresent = extensionObjectType === AacObjectType.spectralBandReplication && reader.readFlag()
  if (sbrPresent) {
    config.extensionSamplingFrequency = readSamplingFrequency(reader)
  }
}

function readAudioObjectType(reader: BitReader): number {
  const audioObjectType = reader.readBits(5)
  return audioObjectType === 31 ? 32 + reader.readBits(6) : audioObjectType
}

function readSamplingFrequency(reader: BitReader): number {
  const samplingFrequencyIndex = reader.readBits(4)
  const samplingFrequency =
    samplingFrequencyIndex === 15 ? reader.readBits(24) : AAC_SAMPLING_FREQUENCIES[samplingFrequencyIndex]
  if (samplingFrequency === undefined) {
    throw new ProtocolError(`AAC samplingFrequencyIndex ${samplingFrequencyIndex} is reserved`)
  }
  if (samplingFrequency === 0) {
    throw new ProtocolError('AAC samplingFrequency is 0 Hz')
  }
  return samplingFrequency
}
