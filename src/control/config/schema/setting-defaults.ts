import { DEFAULT_HLS_OPTIONS, defaultRtmpPlayOptions } from '../../../delivery/index.ts'
import {
  defaultBroadcastOptions,
  defaultRegistryOptions,
  defaultTakeoverOptions,
} from '../../../live/index.ts'
import { defaultConnectionLimits } from '../../../net/index.ts'
import { defaultRtmpSessionOptions } from '../../../rtmp/index.ts'

/** What settings are when nobody gives them, as their own modules say, at the paths of `ServerSettings`. */
const SETTING_DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  rtmp: { ...defaultRtmpSessionOptions, ...defaultRtmpPlayOptions },
  limits: defaultConnectionLimits,
  hls: DEFAULT_HLS_OPTIONS,
  broadcast: defaultBroadcastOptions,
  streams: { ...defaultRegistryOptions, ...defaultTakeoverOptions },
}

/** The default of a setting by its path, e.g. 'broadcast.gopCache'; undefined if its module gives none. */
export function settingDefault(path: string): unknown {
  const [group = '', name = ''] = path.split('.')
  return SETTING_DEFAULTS[group]?.[name]
}
