import { ProtocolError } from '../../base/index.ts'
import { BitReader, ByteReader } from '../../bytes/index.ts'

// AV1 Bitstream & Decoding Process Specification, 6.2.2.
const OBU_SEQUENCE_HEADER = 1

/** OBUs looked at in search of a sequence header; it stands first or behind a temporal delimiter. */
export const MAX_AV1_OBUS_SEARCHED = 16

/**
 * The size of the largest picture that an AV1 sequence header allows (AV1 Bitstream & Decoding Process Specification, 5.5.1).
 * @param obus OBUs with their sizes: configOBUs of an av1C, or a temporal unit; read in place
 * @returns pixels across and down; null if there is no sequence header among the first `MAX_AV1_OBUS_SEARCHED`
 * @throws ProtocolError if it is cut short
 */
export function findAv1PictureSize(obus: Uint8Array): { width: number; height: number } | null {
  const reader = new ByteReader(obus)
  for (let i = 0; i < MAX_AV1_OBUS_SEARCHED && reader.remaining > 0; i++) {
    const header = reader.readUint8()
    const type = (header >> 3) & 0x0f
    if ((header & 0x04) !== 0) {
      reader.skip(1) // obu_extension_header
    }
    const size = (header & 0x02) === 0 ? reader.remaining : readLeb128(reader)
    const payload = reader.readBytes(size)
    if (type === OBU_SEQUENCE_HEADER) {
      return readSequenceHeader(new BitReader(payload))
    }
  }
  return null
}

function readSequenceHeader(reader: BitReader): { width: number; height: number } {
  reader.skipBits(4) // seq_profile, still_picture
  if (reader.readFlag()) {
    reader.skipBits(5) // reduced_still_picture_header: seq_level_idx[0] is all
  } else {
    skipTimingAndOperatingPoints(reader)
  }
  const widthBits = reader.readBits(4) + 1
  const heightBits = reader.readBits(4) + 1
  return { width: reader.readBits(widthBits) + 1, height: reader.readBits(heightBits) + 1 }
}

function skipTimingAndOperatingPoints(reader: BitReader): void {
  const delayBits = reader.readFlag() ? skipTiming(reader) : 0
  const hasDisplayDelay = reader.readFlag()
  const pointCount = reader.readBits(5) + 1
  for (let i = 0; i < pointCount; i++) {
    reader.skipBits(12) // operating_point_idc
    if (reader.readBits(5) > 7) {
      reader.skipBits(1) // seq_tier
    }
    if (delayBits > 0 && reader.readFlag()) {
      reader.skipBits(2 * delayBits + 1) // decoder and encoder buffer delay, low_delay_mode_flag
    }
    if (hasDisplayDelay && reader.readFlag()) {
      reader.skipBits(4)
    }
  }
}

/** Passes over timing_info and decoder_model_info; returns the bits of a buffer delay, 0 without a decoder model. */
function skipTiming(reader: BitReader): number {
  reader.skipBits(64) // num_units_in_display_tick, time_scale
  if (reader.readFlag()) {
    reader.readUnsignedExpGolomb() // uvlc(): num_ticks_per_picture_minus_1
  }
  if (!reader.readFlag()) {
    return 0
  }
  const delayBits = reader.readBits(5) + 1
  reader.skipBits(32 + 5 + 5) // num_units_in_decoding_tick, two more lengths
  return delayBits
}

function readLeb128(reader: ByteReader): number {
  let value = 0
  for (let i = 0; i < 8; i++) {
    const byte = reader.readUint8()
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) {
      return value
    }
  }
  throw new ProtocolError('an OBU size has more than 8 bytes')
}
