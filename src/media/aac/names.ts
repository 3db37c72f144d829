import { AacObjectType, type AudioSpecificConfig } from './audio-specific-config.ts'

const PROFILE_NAMES = new Map<number, string>([
  [AacObjectType.main, 'Main'],
  [AacObjectType.lowComplexity, 'LC'],
  [AacObjectType.scalableSampleRate, 'SSR'],
  [AacObjectType.spectralBandReplication, 'HE'],
  [AacObjectType.parametricStereo, 'HEv2'],
])

/** The name of an AAC audio object type as SRS shows it: "LC", "HE", "HEv2", "Main", "SSR"; "Other" if it has none. */
export function aacProfileName(audioObjectType: number): string {
  return PROFILE_NAMES.get(audioObjectType) ?? 'Other'
}

/** The codec as `codecs` parameters and playlists name it (RFC 6381, 3.3): `mp4a.40.` and the audio object type, e.g. `mp4a.40.2`. */
export function aacCodecString(config: Pick<AudioSpecificConfig, 'audioObjectType'>): string {
  return `mp4a.40.${config.audioObjectType}`
}
