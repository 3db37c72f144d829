import type { Ms } from '../../base/index.ts'

/** What a pull does at the moment. */
export type PullState =
  /** Nothing: nobody watches, or somebody publishes here. */
  | 'idle'
  /** Connects to one that may have the stream. */
  | 'connecting'
  /** One lets us have the stream, and sends nothing yet. */
  | 'waiting'
  /** It comes. */
  | 'pulling'
  /** All have been asked; it asks them again soon. */
  | 'resting'

/** What is known of a pull. */
export type PullInfo = Readonly<{
  /** Of the client that it publishes as; stands in the log. */
  id: string
  /** The stream, by its key. */
  stream: string
  /** What it does. */
  state: PullState
  /** Since when, ms since the Unix epoch. */
  since: Ms
  /** Where it is pulled from, or was last, without secrets; null before the first attempt. */
  address: string | null
  /** Connections that stood. */
  connections: number
  /** What came in them, bytes, over all. */
  bytesReceived: number
  /** Packets of media that came. */
  frames: number
  /** How often it went on from another server than before. */
  failovers: number
  /** Attempts that failed, and connections that were lost. */
  failures: number
  /** What the last of them said; null if there was none. */
  lastError: string | null
}>
