import { BitReader } from '../../bytes/index.ts'

const MARKER_BYTES = 4
const BLOCK_HEADER_BYTES = 4
const STREAM_INFO_BYTES = 34

/**
 * Sample rate and channels of FLAC by its STREAMINFO (RFC 9639, 8.2): the payload of a sequence header. Behind the marker
 * `fLaC` it has a block header, or, as some send it, none.
 * @param bytes read in place
 * @returns Hz and channels
 * @throws ProtocolError if it is cut short
 */
export function parseFlacStreamInfo(bytes: Uint8Array): { sampleRate: number; channelCount: number } {
  const hasMarker = Buffer.from(bytes.subarray(0, MARKER_BYTES)).toString('latin1') === 'fLaC'
  const rest = hasMarker ? bytes.subarray(MARKER_BYTES) : bytes
  const reader = new BitReader(
    rest.length >= BLOCK_HEADER_BYTES + STREAM_INFO_BYTES ? rest.subarray(BLOCK_HEADER_BYTES) : rest,
  )
  reader.skipBits(16 + 16 + 24 + 24) // sizes of blocks and of frames, each the smallest and the largest
  return { sampleRate: reader.readBits(20), channelCount: reader.readBits(3) + 1 }
}
