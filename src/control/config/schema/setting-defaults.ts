import {
  DEFAULT_HLS_OPTIONS,
  defaultForwardOptions,
  defaultRtmpPlayOptions,
} from '../../../delivery/index.ts'
import { defaultProgramOptions } from '../../../ffmpeg/index.ts'
import { defaultEdgeOptions } from '../../../ingest/index.ts'
import { DEFAULT_MAX_STREAMS, defaultBroadcastOptions, defaultStreamOptions } from '../../../live/index.ts'
import { defaultConnectionLimits } from '../../../net/index.ts'
import { defaultRtmpSessionOptions } from '../../../rtmp/index.ts'
import {
  ACCESS_ACTIONS,
  DEFAULT_CLOCK_SKEW_MS,
  DEFAULT_KEY_SET_REFRESH_MS,
  DEFAULT_KEY_SET_STALE_MS,
} from '../../access/index.ts'
import { defaultApiAccess } from '../../api/index.ts'
import { defaultOriginClusterOptions } from '../../cluster/index.ts'
import { defaultHeartbeatOptions } from '../../heartbeat/index.ts'
import { defaultHookDelivery } from '../../hooks/index.ts'
import { defaultMetricsOptions } from '../../metrics/index.ts'
import { defaultProcessSettings } from '../../settings/index.ts'
import { defaultSystemOptions } from '../../system/index.ts'

/** What settings are when nobody gives them, as their own modules say, at the paths of `ServerSettings`. */
const SETTING_DEFAULTS: SettingGroup = {
  process: defaultProcessSettings,
  rtmp: { ...defaultRtmpSessionOptions, ...defaultRtmpPlayOptions },
  exporter: defaultMetricsOptions,
  heartbeat: defaultHeartbeatOptions,
  // No list stands for none: a directive has a word behind it.
  stats: { ...defaultSystemOptions, disks: undefined },
  programs: defaultProgramOptions,
  limits: defaultConnectionLimits,
  apiAccess: { ...defaultApiAccess, auth: undefined, tokenFile: undefined, trustedOrigins: undefined },
  hookDelivery: defaultHookDelivery,
  access: {
    token: { require: ACCESS_ACTIONS, clockSkewMs: DEFAULT_CLOCK_SKEW_MS },
    jwt: {
      require: ACCESS_ACTIONS,
      clockSkewMs: DEFAULT_CLOCK_SKEW_MS,
      refreshMs: DEFAULT_KEY_SET_REFRESH_MS,
      staleMs: DEFAULT_KEY_SET_STALE_MS,
    },
  },
  hls: DEFAULT_HLS_OPTIONS,
  // No list stands for none: a directive has a word behind it.
  edge: { ...defaultEdgeOptions, origins: undefined },
  originCluster: { ...defaultOriginClusterOptions, coworkers: undefined },
  forward: { ...defaultForwardOptions, destinations: undefined },
  broadcast: defaultBroadcastOptions,
  streams: { ...defaultStreamOptions, maxStreams: DEFAULT_MAX_STREAMS },
}

/** The default of a setting by its path, e.g. 'broadcast.gopCache'; undefined if its module gives none. */
export function settingDefault(path: string): unknown {
  let found: unknown = SETTING_DEFAULTS
  for (const name of path.split('.')) {
    found = typeof found === 'object' && found !== null ? (found as SettingGroup)[name] : undefined
  }
  return found
}

type SettingGroup = Readonly<Record<string, unknown>>
