import type { HevcDecoderConfigurationRecord } from './decoder-configuration-record.ts'

// ISO/IEC 23008-2, A.3.
const PROFILE_NAMES = new Map([
  [1, 'Main'],
  [2, 'Main10'],
  [3, 'MainStillPicture'],
  [4, 'Rext'],
])

/** The name of an HEVC profile: "Main", "Main10"...; "Other" if it has none here. */
export function hevcProfileName(profileIdc: number): string {
  return PROFILE_NAMES.get(profileIdc) ?? 'Other'
}

/** The number of an HEVC level as people write it: "3", "3.1" (ISO/IEC 23008-2, A.4.1: level_idc is 30 times as much). */
export function hevcLevelName(levelIdc: number): string {
  return `${Math.round(levelIdc / 3) / 10}`
}

/** The codec as `codecs` parameters and playlists name it (ISO/IEC 14496-15, E.3), e.g. `hvc1.1.6.L93.B0`. */
export function hevcCodecString(
  record: Pick<
    HevcDecoderConfigurationRecord,
    'profileSpace' | 'profileIdc' | 'profileCompatibility' | 'highTier' | 'levelIdc' | 'constraintFlags'
  >,
): string {
  const space = ['', 'A', 'B', 'C'][record.profileSpace] ?? ''
  const constraints = [...record.constraintFlags]
  while (constraints.at(-1) === 0) {
    constraints.pop()
  }
  return [
    'hvc1',
    `${space}${record.profileIdc}`,
    reverseBits(record.profileCompatibility).toString(16).toUpperCase(),
    `${record.highTier ? 'H' : 'L'}${record.levelIdc}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join('.')
}

function reverseBits(flags: number): number {
  let reversed = 0
  for (let bit = 0; bit < 32; bit++) {
    reversed = reversed * 2 + (Math.floor(flags / 2 ** bit) % 2)
  }
  return reversed
}
