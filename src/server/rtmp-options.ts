import type { RtmpListenOptions } from '../control/index.ts'
import { defaultRtmpPlayOptions, type RtmpPlayOptions } from '../delivery/index.ts'
import { defaultRtmpSessionOptions, type RtmpSessionOptions } from '../rtmp/index.ts'

/** RTMP connections at once at most; more are closed as soon as they come. SRS: max_connections. */
export const DEFAULT_MAX_RTMP_CONNECTIONS = 10_000

/** What holds for the clients of an RTMP server. */
export type RtmpServerOptions = Readonly<{
  /** Their sessions, in virtual hosts that say nothing else. */
  session: RtmpSessionOptions
  /** What players are sent. */
  play: RtmpPlayOptions
  /** Connections at once at most. */
  maxConnections: number
}>

/** What the options of a listener say of its clients, with the defaults. */
export function rtmpServerOptions(options: Partial<RtmpListenOptions> = {}): RtmpServerOptions {
  return {
    session: overDefaults(defaultRtmpSessionOptions, options),
    play: overDefaults(defaultRtmpPlayOptions, options),
    maxConnections: options.maxConnections ?? DEFAULT_MAX_RTMP_CONNECTIONS,
  }
}

/** The defaults, with those of their fields in place that are given. */
function overDefaults<T extends object>(defaults: T, given: NoInfer<Partial<T>>): T {
  const names = Object.keys(defaults) as (keyof T)[]
  const said = names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const]))
  return { ...defaults, ...Object.fromEntries(said) }
}
