import type { AvcDecoderConfigurationRecord } from './decoder-configuration-record.ts'

// The names SRS shows in its HTTP API and log. Profiles: ISO/IEC 14496-10, A.2; 144 is High 4:4:4 before 2007.
const PROFILE_NAMES = new Map([
  [66, 'Baseline'],
  [77, 'Main'],
  [88, 'Extended'],
  [100, 'High'],
  [110, 'High(10)'],
  [122, 'High(422)'],
  [144, 'High(444)'],
  [244, 'High(444+Predictive)'],
])

// ISO/IEC 14496-10, Table A-1.
const LEVEL_NAMES = new Map([
  [9, '1b'],
  [10, '1'],
  [11, '1.1'],
  [12, '1.2'],
  [13, '1.3'],
  [20, '2'],
  [21, '2.1'],
  [22, '2.2'],
  [30, '3'],
  [31, '3.1'],
  [32, '3.2'],
  [40, '4'],
  [41, '4.1'],
  [42, '4.2'],
  [50, '5'],
  [51, '5.1'],
  [52, '5.2'],
  [60, '6'],
  [61, '6.1'],
  [62, '6.2'],
])

/**
 * The name of an AVC profile as SRS shows it: "Baseline", "Main", "High"...
 * "Other" if the profile has none. As in SRS, constraint flags make no difference.
 */
export function avcProfileName(profileIdc: number): string {
  return PROFILE_NAMES.get(profileIdc) ?? 'Other'
}

/**
 * The number of an AVC level as people write it: "3", "3.1"; "Other" if there is no such level.
 * SRS shows "Other" also for 1b, 4.2, and all above 5.1.
 */
export function avcLevelName(levelIdc: number): string {
  return LEVEL_NAMES.get(levelIdc) ?? 'Other'
}

/** The codec as `codecs` parameters and playlists name it (RFC 6381, 3.3): `avc1.` and three bytes in lower-case hex, e.g. `avc1.64001f`. */
export function avcCodecString(
  record: Pick<AvcDecoderConfigurationRecord, 'profileIdc' | 'profileCompatibility' | 'levelIdc'>,
): string {
  const bytes = [record.profileIdc, record.profileCompatibility, record.levelIdc]
  return `avc1.${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
