import type { Av1CodecConfigurationRecord } from './codec-configuration-record.ts'

// AV1 Bitstream & Decoding Process Specification, A.2.
const PROFILE_NAMES = ['Main', 'High', 'Professional']

/** The name of an AV1 profile: "Main", "High" or "Professional"; "Other" if there is no such. */
export function av1ProfileName(profile: number): string {
  return PROFILE_NAMES[profile] ?? 'Other'
}

/** The number of an AV1 level, e.g. "3.1" (A.3: four steps to each major level, from 2.0 on); "Other" for 31, which is none. */
export function av1LevelName(levelIndex: number): string {
  return levelIndex === 31 ? 'Other' : `${2 + (levelIndex >> 2)}.${levelIndex & 3}`
}

/** The codec as `codecs` parameters and playlists name it (AV1 ISO Media File Format Binding, 5), e.g. `av01.0.04M.08`. */
export function av1CodecString(record: Omit<Av1CodecConfigurationRecord, 'configObus'>): string {
  const level = `${twoDigits(record.levelIndex)}${record.highTier ? 'H' : 'M'}`
  return `av01.${record.profile}.${level}.${twoDigits(record.bitDepth)}`
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, '0')
}
