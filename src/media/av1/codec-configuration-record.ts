import { ProtocolError } from '../../base/index.ts'
import { BitReader } from '../../bytes/index.ts'

/** What a decoder needs before the first AV1 frame: AV1 Codec ISO Media File Format Binding, 2.3.3 ("av1C"). */
export type Av1CodecConfigurationRecord = Readonly<{
  /** seq_profile: 0 Main, 1 High, 2 Professional. */
  profile: number
  /** seq_level_idx_0. */
  levelIndex: number
  /** seq_tier_0: High tier. */
  highTier: boolean
  /** Bits of a sample: 8, 10 or 12. */
  bitDepth: 8 | 10 | 12
  /** configOBUs, a sequence header first if there is any: a view into the bytes parsed. */
  configObus: Uint8Array
}>

const HEADER_BYTES = 4

/**
 * Parses an AV1CodecConfigurationRecord, the payload of an AV1 sequence header tag.
 * @param bytes read in place
 * @throws ProtocolError if it is cut short, or has another marker or version
 */
export function parseAv1CodecConfigurationRecord(bytes: Uint8Array): Av1CodecConfigurationRecord {
  const reader = new BitReader(bytes)
  const markerAndVersion = reader.readBits(8)
  if (markerAndVersion !== 0x81) {
    throw new ProtocolError(`av1C begins with marker and version ${markerAndVersion}, not with 129`)
  }
  const profile = reader.readBits(3)
  const levelIndex = reader.readBits(5)
  const highTier = reader.readFlag()
  const highBitDepth = reader.readFlag()
  const twelveBit = reader.readFlag()
  reader.skipBits(13) // monochrome, chroma subsampling and position, initial_presentation_delay
  const bitDepth = !highBitDepth ? 8 : twelveBit ? 12 : 10
  return { profile, levelIndex, highTier, bitDepth, configObus: bytes.subarray(HEADER_BYTES) }
}
