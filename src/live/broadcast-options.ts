import { defaultFlushOptions, type FlushOptions } from './flush-pacer.ts'

/** How a broadcast trades latency, cost and memory. A change counts at once for those who play, unless said otherwise. */
export type BroadcastOptions = FlushOptions &
  Readonly<{
    /** Media time a player may be behind before it skips to the newest keyframe, ms. SRS: queue_length. Default 10 000. */
    queueLengthMs: number
    /** Wire bytes kept for players that are behind, per stream and format. Default 32 MiB. */
    queueMaxBytes: number
    /** Where video does not set the pace (audio-only streams), media time gathered before a write at least, ms. Default 100. */
    audioFlushMs: number
    /** A player whose socket takes nothing for so long is disconnected, ms. Default 60 000. */
    stallTimeoutMs: number
    /**
     * A newcomer starts at the newest keyframe that is past (true) or at the next to come (false). Default true. SRS: gop_cache.
     * A change counts for players that come.
     */
    gopCache: boolean
    /**
     * Players' sockets send what is written at once; false lets the system wait to fill a packet (Nagle). What publishers are
     * told never waits. Default true. SRS: tcp_nodelay.
     */
    tcpNoDelay: boolean
  }>

/** The defaults of `BroadcastOptions`. */
export const defaultBroadcastOptions: BroadcastOptions = {
  ...defaultFlushOptions,
  queueLengthMs: 10_000,
  queueMaxBytes: 32 * 1024 * 1024,
  audioFlushMs: 100,
  stallTimeoutMs: 60_000,
  gopCache: true,
  tcpNoDelay: true,
}
