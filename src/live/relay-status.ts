import type { Ms } from '../base/index.ts'

/** What a relay does at a moment. */
export type RelayState =
  /** It connects, or asks for the stream. */
  | 'connecting'
  /** The connection stands, and the other server has said yes. */
  | 'running'
  /** It failed, and waits before the next attempt. */
  | 'waiting'
  /** It is over. */
  | 'closed'

/** A stream on its way to or from another server, over a connection that this server opens: for the API and the log. */
export type RelayStatus = Readonly<{
  /** Unique in this process; stands in the log. */
  id: string
  /** `forward`: published to another server, too; `pull`: played there for viewers here; `push`: published here, and handed on. */
  kind: 'forward' | 'pull' | 'push'
  /** The stream here, e.g. 'live/demo'. */
  stream: string
  /** The stream there, without secrets. */
  address: string
  /** What it does. */
  state: RelayState
  /** Since when, ms since the Unix epoch. */
  since: Ms
  /** Connections that failed or were lost so far. */
  failures: number
  /** How often it went on at another server than before; 0 of a forward, which has one. */
  failovers: number
  /** What was wrong the last time, without secrets; null if nothing ever was. */
  lastError: string | null
  /** Bytes of media sent or received so far, over all its connections. */
  bytes: number
  /** Frames sent so far; 0 of a pull, whose stream counts them. */
  frames: number
  /** How far the other server is behind in taking what is sent, ms of media; 0 of a pull. */
  lagMs: number
  /** How often it was too far behind, so that it skipped to the newest keyframe. */
  skips: number
}>
