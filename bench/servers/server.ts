/** What a server under test is started with. */
export type ServerSetup = Readonly<{
  /** Our `broadcast` options, whatever they are called at present; other servers have no such thing. */
  broadcast: Readonly<Record<string, unknown>>
  /** Ours: listens with TLS, too. */
  tls: boolean
  /** The floor and plain Node: bytes that go to each player at each interval. */
  bytesPerWrite: number
  /** The same: time between two writes to a player, ms. */
  intervalMs: number
  /** The same: writes between two that carry a keyframe. */
  writesPerKeyframe: number
}>

/** What only some servers can tell. */
export type InnerMetrics = Readonly<{
  /** How late timers were since `watchLoop`, the 99th percentile, ms. */
  eventLoopDelayP99Ms?: number
  /** The same, the worst. */
  eventLoopDelayMaxMs?: number
  /** Garbage collections between `beginWindow` and `watchLoop`, or within a watched window. */
  gcCount?: number
  /** Those of them that went through the whole heap. */
  majorGcCount?: number
  /** Their time together, as far as the main thread stood still, ms. */
  gcTotalMs?: number
  /** The longest, ms. */
  gcMaxMs?: number
  /** Share of that time in which the event loop did something, 0 to 1. */
  eventLoopUtilization?: number
  /** JavaScript heap, buffers and other memory that V8 knows of, bytes; after a collection if the server can. */
  usedBytes?: number
  /** Players that were too far behind and skipped, since the start. */
  skips?: number
}>

/** Windows that follow each other on one server, in all of which its event loop is watched, as that is the same for all. */
export interface WatchedWindows {
  /** One begins. @returns how often players have skipped so far */
  open(): Promise<Pick<InnerMetrics, 'skips'>>
  /** It is over. What it had; memory without a collection. */
  close(): Promise<InnerMetrics>
}

/** A server under test that runs. */
export interface RunningServer {
  /** `rtmp://host:port`; null if it has no RTMP. */
  readonly rtmpUrl: string | null
  /** `http://host:port` of HTTP-FLV; null if it has none. */
  readonly flvUrl: string | null
  /** `ws://host:port` of FLV over WebSocket; null if it has none. */
  readonly wsUrl: string | null
  /** `rtmps://host:port` and `https://host:port`, if it was started with TLS. */
  readonly tlsUrls?: Readonly<{ rtmps: string; https: string }> | undefined
  /** Its processes; what descends from them counts as well. */
  pids(): readonly number[]
  /** From now on it is measured. */
  beginWindow(): Promise<void>
  /**
   * The window is over; from now on it watches how late its event loop is. That takes half a percent of a processor, which
   * must not be in the window. Null for a server that has no such loop.
   */
  readonly watchLoop: (() => Promise<void>) | null
  /** For windows that follow each other, of a server that can tell what each of them had. */
  readonly windows?: WatchedWindows
  /** What it can tell; ends the watch. */
  innerMetrics(): Promise<InnerMetrics>
  /** Ends it; resolves when it is gone with everything it made. */
  stop(): Promise<void>
}

/** A server that scenarios can be run on. */
export interface BenchServer {
  /** e.g. `nginx-rtmp`. */
  readonly name: string
  /** What is run, with its version. */
  version(): Promise<string>
  /** Starts it on free ports of 127.0.0.1. */
  start(setup: ServerSetup): Promise<RunningServer>
}

/** How Node is started for servers under test: as `srs` starts it, and able to collect garbage when asked to. */
export const NODE_FLAGS: readonly string[] = ['--expose-gc', '--max-semi-space-size=8', '--v8-pool-size=1']
