import { ProtocolError } from '../../base/index.ts'
import { BitReader } from '../../bytes/index.ts'

/** Hz of MPEG-1 by sampling_frequency (ISO/IEC 11172-3, 2.4.2.3); MPEG-2 has half of it (ISO/IEC 13818-3), MPEG-2.5 a quarter. */
const SAMPLE_RATES = [44_100, 48_000, 32_000]
const VERSION_DIVISORS = [4, null, 2, 1]
const MODE_SINGLE_CHANNEL = 3

/**
 * Sample rate and channels of an MP3 frame by its header (ISO/IEC 11172-3, 2.4.1.3).
 * @param frame read in place
 * @returns Hz and channels
 * @throws ProtocolError if it is cut short or no frame of MPEG audio
 */
export function parseMp3FrameHeader(frame: Uint8Array): { sampleRate: number; channelCount: number } {
  const reader = new BitReader(frame)
  const syncWord = reader.readBits(11)
  const divisor = VERSION_DIVISORS[reader.readBits(2)]
  reader.skipBits(2 + 1 + 4) // layer, protection_bit, bitrate_index
  const sampleRate = SAMPLE_RATES[reader.readBits(2)]
  reader.skipBits(2) // padding_bit, private_bit
  const mode = reader.readBits(2)
  if (syncWord !== 0x7ff || divisor === undefined || divisor === null || sampleRate === undefined) {
    throw new ProtocolError('an MP3 frame does not begin with a header')
  }
  return { sampleRate: sampleRate / divisor, channelCount: mode === MODE_SINGLE_CHANNEL ? 1 : 2 }
}
