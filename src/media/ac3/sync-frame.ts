import { ProtocolError } from '../../base/index.ts'
import { BitReader } from '../../bytes/index.ts'

const SYNC_WORD = 0x0b77

/** Hz by fscod (ETSI TS 102 366, 4.4.1.3). */
const SAMPLE_RATES = [48_000, 44_100, 32_000]
/** Channels by acmod, without the one for low frequencies (4.4.2.3). */
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5]

/** bsid of E-AC-3; of AC-3 it is lower (E.1.3.1.6). */
const FIRST_ENHANCED_BSID = 11

/**
 * Sample rate and channels of an AC-3 or E-AC-3 syncframe (ETSI TS 102 366, 4.3 and E.1.2): neither has another header.
 * @param frame read in place
 * @returns Hz and channels, the one for low frequencies included
 * @throws ProtocolError if it is cut short or no syncframe
 */
export function parseAc3SyncFrame(frame: Uint8Array): { sampleRate: number; channelCount: number } {
  const reader = new BitReader(frame)
  if (reader.readBits(16) !== SYNC_WORD) {
    throw new ProtocolError('an AC-3 frame does not begin with its sync word')
  }
  // bsid stands at the same place in both.
  const bsid = new BitReader(frame.subarray(5)).readBits(5)
  return bsid < FIRST_ENHANCED_BSID ? readAc3(reader) : readEnhancedAc3(reader)
}

function readAc3(reader: BitReader): { sampleRate: number; channelCount: number } {
  reader.skipBits(16) // crc1
  const sampleRate = sampleRateOf(reader.readBits(2))
  reader.skipBits(6 + 5 + 3) // frmsizecod, bsid, bsmod
  const mode = reader.readBits(3)
  if (mode === 2) {
    reader.skipBits(2) // dsurmod
  } else {
    const hasCenter = (mode & 1) !== 0 && mode !== 1
    const hasSurround = (mode & 4) !== 0
    reader.skipBits((hasCenter ? 2 : 0) + (hasSurround ? 2 : 0)) // cmixlev, surmixlev
  }
  return { sampleRate, channelCount: CHANNELS[mode]! + reader.readBits(1) }
}

function readEnhancedAc3(reader: BitReader): { sampleRate: number; channelCount: number } {
  reader.skipBits(2 + 3 + 11) // strmtyp, substreamid, frmsiz
  const code = reader.readBits(2)
  const secondCode = reader.readBits(2) // fscod2 if fscod is 3, else numblkscod
  const sampleRate = code === 3 ? sampleRateOf(secondCode) / 2 : sampleRateOf(code)
  const mode = reader.readBits(3)
  return { sampleRate, channelCount: CHANNELS[mode]! + reader.readBits(1) }
}

function sampleRateOf(code: number): number {
  const sampleRate = SAMPLE_RATES[code]
  if (sampleRate === undefined) {
    throw new ProtocolError(`an AC-3 frame has the reserved sample rate code ${code}`)
  }
  return sampleRate
}
