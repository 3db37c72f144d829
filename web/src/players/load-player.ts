import type { Via } from '../route.ts'
import type { PlayerFactory } from './player.ts'

/** Loads the code for a way to play; each library is fetched only when it is first needed. */
export async function loadPlayer(via: Via): Promise<PlayerFactory> {
  if (via !== 'hls') {
    return (await import('./player-flv.ts')).createFlvPlayer
  }
  if (hasMediaSource()) {
    return (await import('./player-hls.ts')).createHlsPlayer
  }
  return (await import('./player-hls-native.ts')).createNativeHlsPlayer
}

/** The way used when the address names none: FLV where the browser lets a page feed it media, else HLS. */
export function defaultVia(): Via {
  return hasMediaSource() ? 'flv' : 'hls'
}

function hasMediaSource(): boolean {
  return 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis
}
