import type { RtmpPlayOptions } from '../../delivery/index.ts'
import type { ProgramOptions } from '../../ffmpeg/index.ts'
import type { BroadcastOptions, StreamOptions } from '../../live/index.ts'
import type { CertificateOptions, ConnectionLimitOptions, ListenOptions } from '../../net/index.ts'
import type { RtmpSessionOptions } from '../../rtmp/index.ts'
import type { AccessOptions } from '../access/index.ts'
import type { ApiAccessOptions } from '../api/index.ts'
import type { HeartbeatOptions } from '../heartbeat/index.ts'
import type { HookDeliveryOptions, HookOptions } from '../hooks/index.ts'
import type { MetricsOptions } from '../metrics/index.ts'
import type { SystemOptions } from '../system/index.ts'
import type { FlvSettings, HlsSettings, VhostSettings } from './vhosts.ts'

/** Where and how RTMP clients are listened for. */
export type RtmpListenOptions = ListenOptions &
  Partial<RtmpSessionOptions> &
  Partial<RtmpPlayOptions> & {
    /** Connections at once at most; more are closed as soon as they come. Default 10 000. SRS: max_connections. */
    readonly maxConnections?: number
  }

/** Where and how clients of the API are listened for. */
export type ApiListenOptions = ListenOptions & {
  /**
   * Serve the page where the API is answered; it needs it. Default true; false for one of `http`, `https`, `api` and `apiHttps`
   * counts for all.
   */
  readonly page?: boolean
  /** Pages of other origins may read the answers (CORS). Default true. SRS: crossdomain. */
  readonly crossOrigin?: boolean
}

/** Where and how HTTP clients are listened for. */
export type HttpListenOptions = ApiListenOptions & {
  /**
   * A folder of files of your own, for every path that is neither a stream's nor the API's; the page comes after it. Default: none.
   * SRS: http_server.dir.
   */
  readonly root?: string
}

/** Where Prometheus asks for metrics, and what it is told. */
export type ExporterListenOptions = ListenOptions & Partial<MetricsOptions>

/**
 * All that a configuration file can say, as a program says it. Everything has a default; nothing listens unless asked to.
 */
export type ServerSettings = Readonly<{
  /** RTMP listener; none if left out. `port: 0` takes a free port; the host is 127.0.0.1 unless said otherwise. */
  rtmp?: RtmpListenOptions
  /** The same within TLS, with a certificate and its key; none if left out. */
  rtmps?: RtmpListenOptions & CertificateOptions
  /** HTTP listener for HTTP-FLV, WebSocket-FLV and HLS, and for the API unless that has its own; none if left out. */
  http?: HttpListenOptions
  /** The same within TLS (HTTP/2, or HTTP/1.1), with a certificate and its key; none if left out. */
  https?: HttpListenOptions & CertificateOptions
  /**
   * A listener of its own for the API and the page, which then are not on `http` and `https`; an address of `http` is shared.
   * False: no API at all. Default: the API is on `http` and `https`.
   */
  api?: ApiListenOptions | false
  /** The same within TLS. An address of `https` is shared, and so is its certificate. */
  apiHttps?: ApiListenOptions & CertificateOptions
  /** Who may use the API, and how much of it. */
  apiAccess?: ApiAccessOptions
  /**
   * Who this server is, in the API and to hooks. Default: 'vid-' and seven characters by chance, new with each start. SRS: server_id.
   * A change counts at the next start.
   */
  serverId?: string
  /** A listener for Prometheus, which asks there for `/metrics`; the API has it then, too. None if left out. SRS: exporter. */
  exporter?: ExporterListenOptions
  /** Tells another server again and again that this one lives. Default: nobody. SRS: heartbeat. */
  heartbeat?: Partial<HeartbeatOptions>
  /** What is measured of the machine, for the API and for Prometheus. SRS: stats. */
  stats?: Partial<SystemOptions>
  /** How FFmpeg and other programs are run beside the server. SRS: ff_log_dir, ff_log_level. */
  programs?: Partial<ProgramOptions>
  /** Connections of all listeners together, and of one address. */
  limits?: Partial<ConnectionLimitOptions>
  /** Who may publish and play. Default: everybody. */
  access?: AccessOptions
  /** HTTP hooks: another server that is asked who may do what, and told what happens. Default: none. */
  hooks?: HookOptions
  /** How hooks are called, and how notifications are kept until they are delivered. */
  hookDelivery?: Partial<HookDeliveryOptions>
  /** HTTP-FLV and WebSocket-FLV. */
  flv?: FlvSettings
  /** HLS: segments and window. */
  hls?: HlsSettings
  /** Latency, lag and memory of RTMP and FLV players. */
  broadcast?: Partial<BroadcastOptions>
  /** How streams are kept, and how publishers come and go. */
  streams?: Partial<StreamOptions> & {
    /** Streams at once at most, of all virtual hosts. Default 10 000. A change counts for streams that come. */
    readonly maxStreams?: number
  }
  /**
   * Virtual hosts by name: a domain, an IP address, or `__defaultVhost__` for every name that is not listed; without it, such
   * names are refused. Each is given `rtmp`, `access`, `hooks`, `broadcast`, `streams`, `flv` and `hls` from above and changes what
   * it likes. Left out: every name shares `__defaultVhost__`.
   */
  vhosts?: Readonly<Record<string, VhostSettings>>
}>
