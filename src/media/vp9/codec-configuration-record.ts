import { ByteReader } from '../../bytes/index.ts'

/** What is said of VP9 before its first frame: VP Codec ISO Media File Format Binding ("vpcC"). */
export type VpCodecConfigurationRecord = Readonly<{
  /** 0 to 3. */
  profile: number
  /** Ten times the level's number; 0 if undefined. */
  level: number
  /** Bits of a sample: 8, 10 or 12. */
  bitDepth: number
}>

/**
 * Parses a VPCodecConfigurationRecord, the payload of a VP9 or VP8 sequence header tag. Some write the box's version and
 * flags in front of it, which is taken.
 * @param bytes read in place
 * @throws ProtocolError if it is cut short
 */
export function parseVpCodecConfigurationRecord(bytes: Uint8Array): VpCodecConfigurationRecord {
  // A record of profile 1 that begins so would have no level and no bits.
  const hasVersion = bytes[0] === 1 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0
  const reader = new ByteReader(bytes, hasVersion ? 4 : 0)
  return { profile: reader.readUint8(), level: reader.readUint8(), bitDepth: reader.readUint8() >> 4 }
}

/** The codec as `codecs` parameters and playlists name it (VP Codec ISO Media File Format Binding), e.g. `vp09.00.10.08`. */
export function vp9CodecString({ profile, level, bitDepth }: VpCodecConfigurationRecord): string {
  return ['vp09', ...[profile, level, bitDepth].map((value) => `${value}`.padStart(2, '0'))].join('.')
}

/** The number of a VP9 level, e.g. "3.1"; empty if undefined. */
export function vp9LevelName(level: number): string {
  return level === 0 ? '' : `${Math.floor(level / 10)}.${level % 10}`
}
