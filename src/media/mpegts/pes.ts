import type { Ticks90k } from '../../base/index.ts'
import { ByteWriter } from '../../bytes/index.ts'

// Packetized elementary streams: ISO/IEC 13818-1, 2.4.3.6.

/** stream_id of the first video stream. */
export const VIDEO_STREAM_ID = 0xe0
/** stream_id of the first audio stream. */
export const AUDIO_STREAM_ID = 0xc0

/** The largest PES_packet_length: 16 bits. Only video may exceed it, by saying 0. */
export const MAX_PES_PACKET_LENGTH_BYTES = 0xffff

const TWO_TO_33 = 0x200000000

/** A tick count as the 33 bits that PTS, DTS and PCR have: modulo 2^33, about every 26.5 hours. Negative counts wrap too. */
export function wrapTicks(ticks: Ticks90k): number {
  const remainder = Math.round(ticks) % TWO_TO_33
  return remainder < 0 ? remainder + TWO_TO_33 : remainder
}

/** Bytes of the header `encodePesHeader` makes. */
export function pesHeaderBytes(pts: Ticks90k, dts: Ticks90k): number {
  return pts === dts ? 14 : 19
}

/**
 * A PES header with PTS, and with DTS where it differs.
 * @param streamId `VIDEO_STREAM_ID` or `AUDIO_STREAM_ID`
 * @param payloadBytes bytes that follow the header
 */
export function encodePesHeader(
  streamId: number,
  pts: Ticks90k,
  dts: Ticks90k,
  payloadBytes: number,
): Uint8Array {
  const headerBytes = pesHeaderBytes(pts, dts)
  const packetLength = headerBytes - 6 + payloadBytes
  const header = new ByteWriter(headerBytes)
  header.writeUint24(0x000001) // packet_start_code_prefix
  header.writeUint8(streamId)
  header.writeUint16(packetLength > MAX_PES_PACKET_LENGTH_BYTES ? 0 : packetLength)
  header.writeUint8(0x80) // '10', not scrambled, no priority, no alignment said, no copyright
  header.writeUint8(pts === dts ? 0x80 : 0xc0) // PTS_DTS_flags, then no further fields
  header.writeUint8(headerBytes - 9) // PES_header_data_length
  if (pts === dts) {
    writeTimestamp(header, 0b0010, pts)
  } else {
    writeTimestamp(header, 0b0011, pts)
    writeTimestamp(header, 0b0001, dts)
  }
  return header.bytes()
}

/** 33 bits in three parts, each followed by a marker_bit. Arithmetic: bit 32 would be lost to a bit operator. */
function writeTimestamp(target: ByteWriter, prefix: number, ticks: Ticks90k): void {
  const value = wrapTicks(ticks)
  const high = Math.floor(value / 0x40000000)
  const middle = Math.floor(value / 0x8000) % 0x8000
  const low = value % 0x8000
  target.writeUint8(prefix * 16 + high * 2 + 1)
  target.writeUint16(middle * 2 + 1)
  target.writeUint16(low * 2 + 1)
}
