import type { Logger } from '../../base/index.ts'
import {
  defaultSystemOptions,
  type HeartbeatOptions,
  type HookDeliveryOptions,
  hasHooks,
  type MetricsOptions,
  type ResolvedApiAccess,
  type ResolvedVhost,
  resolveApiAccess,
  resolveHeartbeat,
  resolveHookDelivery,
  resolveMetricsOptions,
  resolveVhosts,
  type ServerSettings,
  type SystemOptions,
} from '../../control/index.ts'
import { type ProgramOptions, resolveProgramOptions } from '../../ffmpeg/index.ts'
import { DEFAULT_MAX_STREAMS } from '../../live/index.ts'
import { AddressList, type ConnectionLimitOptions, defaultConnectionLimits } from '../../net/index.ts'
import { allowedConnections } from '../open-files.ts'
import { type RtmpServerOptions, rtmpServerOptions } from '../rtmp-options.ts'
import { type WantedListener, wantedListeners } from '../wanted-listeners.ts'

/** What a server is by its settings, with every default: what it goes over into when it is reloaded. */
export type ServerState = Readonly<{
  /** As given, without defaults. */
  settings: ServerSettings
  /** What is listened on. */
  listeners: readonly WantedListener[]
  /** The virtual hosts. */
  vhosts: readonly ResolvedVhost[]
  /** Streams at once at most. */
  maxStreams: number
  /** How many may connect. */
  limits: ConnectionLimitOptions
  /** Who may use the API. */
  apiAccess: ResolvedApiAccess
  /** How hooks are called. */
  hookDelivery: HookDeliveryOptions
  /** Whom the server tells that it lives; null for nobody. */
  heartbeat: HeartbeatOptions | null
  /** What Prometheus is told. */
  metrics: MetricsOptions
  /** What is measured of the machine. */
  stats: SystemOptions
  /** How FFmpeg and other programs are run. */
  programs: ProgramOptions
  /** What holds for clients of RTMP. */
  rtmp: RtmpServerOptions
  /** What holds for clients of RTMPS. */
  rtmps: RtmpServerOptions
}>

/**
 * Reads settings, files excepted.
 * @param logger told what will not work as asked
 * @throws ServerError ERR_CONFIGURATION if something can't be used
 */
export function serverStateOf(settings: ServerSettings, logger: Logger): ServerState {
  const listeners = wantedListeners(settings)
  const vhosts = resolveVhosts(settings)
  const { maxConnections, ...given } = settings.limits ?? {}
  const limits = {
    ...defaultConnectionLimits,
    ...given,
    maxConnections: allowedConnections(maxConnections, defaultConnectionLimits.maxConnections, logger),
  }
  // Throws if one is no address.
  new AddressList(limits.trustedAddresses, 'trustedAddresses')
  return {
    settings,
    listeners,
    vhosts,
    maxStreams: settings.streams?.maxStreams ?? DEFAULT_MAX_STREAMS,
    limits,
    apiAccess: resolveApiAccess(settings.apiAccess),
    hookDelivery: resolveHookDelivery(settings.hookDelivery),
    heartbeat: resolveHeartbeat(settings.heartbeat),
    metrics: resolveMetricsOptions(settings.exporter),
    stats: { ...defaultSystemOptions, ...settings.stats },
    programs: resolveProgramOptions(settings.programs),
    rtmp: rtmpServerOptions(settings.rtmp),
    rtmps: rtmpServerOptions(settings.rtmps),
  }
}

/** Whether others are called by HTTP: hooks, backends of `forward`, whom the server tells that it lives. */
export function callsOthers({ vhosts, heartbeat }: ServerState): boolean {
  return (
    heartbeat !== null || vhosts.some(({ hooks, forward }) => hasHooks(hooks) || forward.backend !== null)
  )
}
