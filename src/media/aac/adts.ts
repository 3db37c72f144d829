import { LimitError, ProtocolError } from '../../base/index.ts'
import { AAC_SAMPLING_FREQUENCIES, type AudioSpecificConfig } from './audio-specific-config.ts'

/** Bytes of an ADTS header without CRC. */
export const ADTS_HEADER_BYTES = 7

/** The longest raw AAC frame an ADTS header can state: its frame_length has 13 bits and counts the header. */
export const MAX_ADTS_RAW_BYTES: number = 0x1fff - ADTS_HEADER_BYTES

/** The part of an `AudioSpecificConfig` that an ADTS header repeats. */
export type AdtsConfig = Pick<
  AudioSpecificConfig,
  'audioObjectType' | 'samplingFrequency' | 'channelConfiguration'
>

/**
 * Writes an ADTS header for one raw AAC frame: ISO/IEC 14496-3, 1.A.2.2; ID 0 (MPEG-4), no CRC, one raw data block,
 * buffer fullness of a variable rate. Object types the two profile bits cannot state (HE-AAC above all) are given as
 * AAC-LC, their core. A channelConfiguration of 0 is written as it is: the frame must bring its program config element.
 * @param target receives `ADTS_HEADER_BYTES` bytes; stays the caller's
 * @param offset where in `target`
 * @param rawLength bytes of the frame, without the header
 * @throws LimitError if `rawLength` exceeds `MAX_ADTS_RAW_BYTES`
 * @throws ProtocolError if ADTS has no code for the rate or the channels
 * @throws RangeError if the header does not fit into `target`
 */
export function writeAdtsHeader(
  target: Uint8Array,
  offset: number,
  config: AdtsConfig,
  rawLength: number,
): void {
  if (rawLength > MAX_ADTS_RAW_BYTES) {
    throw new LimitError('MAX_ADTS_RAW_BYTES', MAX_ADTS_RAW_BYTES, rawLength)
  }
  const samplingFrequencyIndex = AAC_SAMPLING_FREQUENCIES.indexOf(config.samplingFrequency)
  if (samplingFrequencyIndex < 0) {
    throw new ProtocolError(`ADTS has no code for ${config.samplingFrequency} Hz`)
  }
  const channels = config.channelConfiguration
  if (channels > 7) {
    throw new ProtocolError(`ADTS has no code for channelConfiguration ${channels}`)
  }
  if (offset + ADTS_HEADER_BYTES > target.length) {
    throw new RangeError(`no room for an ADTS header at ${offset} of ${target.length} bytes`)
  }
  const objectType = config.audioObjectType
  const profile = objectType >= 1 && objectType <= 3 ? objectType - 1 : 1
  const frameLength = ADTS_HEADER_BYTES + rawLength
  target[offset] = 0xff // syncword
  target[offset + 1] = 0xf1 // syncword, ID 0, layer 0, protection_absent 1
  target[offset + 2] = (profile << 6) | (samplingFrequencyIndex << 2) | (channels >> 2)
  target[offset + 3] = ((channels & 3) << 6) | (frameLength >> 11)
  target[offset + 4] = (frameLength >> 3) & 0xff
  target[offset + 5] = ((frameLength & 7) << 5) | 0x1f // adts_buffer_fullness 0x7FF ...
  target[offset + 6] = 0xfc // ... its end, and number_of_raw_data_blocks_in_frame 0: one block
}
