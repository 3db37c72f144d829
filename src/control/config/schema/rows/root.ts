import { HOOK_DELIVERY } from './hooks.ts'
import { EXPORTER, HTTP_API, HTTP_SERVER } from './http.ts'
import { LIMITS, LISTENER, RTMP, RTMP_LISTENER, RTMPS } from './listeners.ts'
import { HEARTBEAT, STATS, STREAM_CASTER, TENCENTCLOUD_APM, TENCENTCLOUD_CLS } from './monitoring.ts'
import { PROCESS } from './process.ts'
import { PROGRAMS } from './programs.ts'
import { RTC_SERVER, SRT_SERVER } from './realtime.ts'
import { VHOST } from './vhost.ts'

type RootRows = typeof RTMP_LISTENER &
  Readonly<{
    rtmp: typeof RTMP
    rtmps: typeof RTMPS
    http_server: typeof HTTP_SERVER
    http_api: typeof HTTP_API
    listener: typeof LISTENER
    limits: typeof LIMITS
    hook_delivery: typeof HOOK_DELIVERY
    vhost: typeof VHOST
  }> &
  typeof PROCESS &
  Readonly<{
    programs: typeof PROGRAMS
    exporter: typeof EXPORTER
    heartbeat: typeof HEARTBEAT
    stats: typeof STATS
    stream_caster: typeof STREAM_CASTER
    rtc_server: typeof RTC_SERVER
    srt_server: typeof SRT_SERVER
    tencentcloud_apm: typeof TENCENTCLOUD_APM
    tencentcloud_cls: typeof TENCENTCLOUD_CLS
  }>

/** What may stand in a configuration file: every directive there is, in the order of the documentation. */
export const ROOT_ROWS: RootRows = {
  ...RTMP_LISTENER,
  rtmp: RTMP,
  rtmps: RTMPS,
  http_server: HTTP_SERVER,
  http_api: HTTP_API,
  listener: LISTENER,
  limits: LIMITS,
  hook_delivery: HOOK_DELIVERY,
  vhost: VHOST,
  ...PROCESS,
  programs: PROGRAMS,
  exporter: EXPORTER,
  heartbeat: HEARTBEAT,
  stats: STATS,
  stream_caster: STREAM_CASTER,
  rtc_server: RTC_SERVER,
  srt_server: SRT_SERVER,
  tencentcloud_apm: TENCENTCLOUD_APM,
  tencentcloud_cls: TENCENTCLOUD_CLS,
}
