import type { ForwardOptions, HlsOptions } from '../../delivery/index.ts'
import type { ExecOptions, IngestSettings, TranscodeSettings } from '../../ffmpeg/index.ts'
import type { EdgeOptions } from '../../ingest/index.ts'
import type { BroadcastOptions, StreamOptions } from '../../live/index.ts'
import type { RtmpVhostOptions } from '../../rtmp/index.ts'
import type { AccessOptions } from '../access/index.ts'
import type { OriginClusterOptions } from '../cluster/index.ts'
import type { HookOptions } from '../hooks/index.ts'

/** Whether HTTP-FLV and WebSocket-FLV are served. */
export type FlvSettings = Readonly<{
  /** Default true. SRS: http_remux, which is off by default. A change counts for players that come. */
  enabled?: boolean
}>

/** Whether HLS is served, and how. */
export type HlsSettings = Readonly<
  Partial<HlsOptions> & {
    /** Default true. SRS: hls.enabled, which is off by default. Switched off, those who watch by it are let go. */
    enabled?: boolean
  }
>

/**
 * The settings of one virtual host. Each that is left out is that of the server, field by field. How a change is taken while
 * the server runs stands with each setting.
 */
export type VhostSettings = Readonly<{
  /**
   * False refuses every publisher and player, with a reason. Default true. SRS: enabled. A change counts at once: switched off,
   * its streams end.
   */
  enabled?: boolean
  /** Time-outs of publishers, and sizes that are announced at connect. */
  rtmp?: Partial<RtmpVhostOptions>
  /** Who may publish and play. */
  access?: AccessOptions
  /** HTTP hooks: another server that is asked who may do what, and told what happens. */
  hooks?: HookOptions
  /** Latency, lag and memory of RTMP and FLV players. */
  broadcast?: Partial<BroadcastOptions>
  /** How streams are kept, and how publishers come and go. */
  streams?: Partial<StreamOptions>
  /** HTTP-FLV and WebSocket-FLV. */
  flv?: FlvSettings
  /** HLS: segments and window. */
  hls?: HlsSettings
  /** Other servers that streams are published to, too. Default: none. SRS: forward. */
  forward?: Partial<ForwardOptions>
  /** Where streams come from that nobody publishes here. Default: nowhere. SRS: cluster. */
  edge?: Partial<EdgeOptions>
  /** A cluster of origins, one of which has a stream. Default: none. SRS: cluster. */
  originCluster?: Partial<OriginClusterOptions>
  /**
   * Streams that FFmpeg makes of those that are published: all blocks whose scope matches. Default: none. SRS: transcode, of which it
   * reads the first. A change counts at once; engines that say the same go on.
   */
  transcode?: readonly TranscodeSettings[]
  /**
   * Files, streams of others and devices that are published here. Default: none. SRS: ingest. A change counts at once; those that say the
   * same go on.
   */
  ingest?: readonly IngestSettings[]
  /** Programs that run while a stream is published. Default: none. SRS: exec. A change counts at once; programs that stay the same go on. */
  exec?: Partial<ExecOptions>
}>
