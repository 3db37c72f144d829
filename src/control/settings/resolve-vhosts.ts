import { DEFAULT_VHOST, normalizeVhost, ServerError } from '../../base/index.ts'
import {
  checkForwardOptions,
  defaultForwardOptions,
  type FlvVhost,
  type ForwardVhost,
  type HlsVhost,
  resolveHlsOptions,
} from '../../delivery/index.ts'
import {
  type ExecOptions,
  type IngestOptions,
  resolveExec,
  resolveIngests,
  resolveTranscode,
  type TranscodeOptions,
} from '../../ffmpeg/index.ts'
import { checkEdgeOptions, defaultEdgeOptions, type EdgeOptions } from '../../ingest/index.ts'
import { checkTimeOptions, defaultBroadcastOptions, defaultStreamOptions } from '../../live/index.ts'
import { MAX_CHUNK_SIZE_BYTES, type RtmpVhostOptions } from '../../rtmp/index.ts'
import type { AccessOptions } from '../access/index.ts'
import {
  checkOriginClusterOptions,
  defaultOriginClusterOptions,
  type OriginClusterOptions,
} from '../cluster/index.ts'
import { type HookOptions, requireHooks } from '../hooks/index.ts'
import type { ServerSettings } from './settings.ts'
import type { VhostSettings } from './vhosts.ts'

/** A virtual host with all that applies to it. Never changed: another takes its place. */
export type ResolvedVhost = FlvVhost &
  ForwardVhost &
  HlsVhost &
  Readonly<{
    /** What it says other than the listener that a client came to. */
    rtmp: Partial<RtmpVhostOptions>
    /** Who may publish and play. */
    access: AccessOptions
    /** Where streams come from that nobody publishes here. */
    edge: EdgeOptions
    /** The other origins of its cluster. */
    originCluster: OriginClusterOptions
    /** Another server that is asked, and told. */
    hooks: HookOptions
    /** Streams that FFmpeg makes of others. */
    transcode: readonly TranscodeOptions[]
    /** What FFmpeg, or this server, publishes here. */
    ingest: readonly IngestOptions[]
    /** Programs that run while a stream is published. */
    exec: ExecOptions
  }>

/**
 * The virtual hosts of a server: its own settings, and over them, field by field, those of each. Without `vhosts`, there is one,
 * for every name.
 * @throws ServerError ERR_CONFIGURATION, naming the virtual host, if a name or a value can't be used
 */
export function resolveVhosts(settings: ServerSettings): ResolvedVhost[] {
  const { vhosts = { [DEFAULT_VHOST]: {} } } = settings
  const written = new Map<string, string>()
  return Object.entries(vhosts).map(([given, own]) => {
    const name = requireName(given)
    const before = written.get(name)
    if (before !== undefined) {
      throw new ServerError(
        'ERR_CONFIGURATION',
        `vhosts has both '${before}' and '${given}', which are one name`,
      )
    }
    written.set(name, given)
    try {
      return resolveVhost(name, settings, own)
    } catch (error) {
      if (settings.vhosts === undefined || !(error instanceof ServerError)) {
        throw error
      }
      throw new ServerError(error.code, `virtual host ${given}: ${error.message}`, { cause: error })
    }
  })
}

function resolveVhost(name: string, settings: ServerSettings, own: VhostSettings): ResolvedVhost {
  const { maxStreams: _ofTheServer, ...streamsOfServer } = settings.streams ?? {}
  const streams = overlay(overlay(defaultStreamOptions, streamsOfServer), own.streams)
  checkTimeOptions(streams)
  const { enabled: hlsEnabled = true, ...hls } = overlay(settings.hls ?? {}, own.hls)
  const hlsOptions = resolveHlsOptions(hls)
  const edge = overlay(defaultEdgeOptions, own.edge)
  checkEdgeOptions(edge)
  const originCluster = overlay(defaultOriginClusterOptions, own.originCluster)
  checkOriginClusterOptions(originCluster)
  const forward = overlay(defaultForwardOptions, own.forward)
  checkForwardOptions(forward, streams.unwatchedTimeoutMs)
  return {
    name,
    enabled: own.enabled ?? true,
    streams,
    broadcast: overlay(overlay(defaultBroadcastOptions, settings.broadcast), own.broadcast),
    rtmp: requireRtmp(own.rtmp ?? {}),
    access: overlay(settings.access ?? {}, own.access),
    hooks: requireHooks(overlay(settings.hooks ?? {}, own.hooks)),
    flv: { enabled: own.flv?.enabled ?? settings.flv?.enabled ?? true },
    hls: hlsEnabled ? hlsOptions : null,
    edge,
    originCluster,
    forward,
    transcode: (own.transcode ?? []).map(resolveTranscode),
    ingest: resolveIngests(own.ingest ?? []),
    exec: resolveExec(own.exec),
  }
}

/** `base` with what `over` says in its place, field by field; what is given as undefined says nothing. */
function overlay<T extends object>(base: T, over: Partial<T> = {}): T {
  const said = Object.entries(over).filter(([, value]) => value !== undefined)
  return { ...base, ...Object.fromEntries(said) }
}

/** A name in the form that clients' hosts are compared in. */
function requireName(given: string): string {
  const name = normalizeVhost(given)
  if (given.trim() === '' || /[\s/?#@]/.test(name)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `vhosts has '${given}', which is no host: it takes a domain, an IP address or ${DEFAULT_VHOST}`,
    )
  }
  return name
}

function requireRtmp(options: Partial<RtmpVhostOptions>): Partial<RtmpVhostOptions> {
  const { chunkSize } = options
  if (chunkSize !== undefined && !(chunkSize >= 1 && chunkSize <= MAX_CHUNK_SIZE_BYTES)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `rtmp chunkSize is ${chunkSize}: must be 1 to ${MAX_CHUNK_SIZE_BYTES} bytes`,
    )
  }
  return options
}
