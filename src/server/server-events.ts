import type { EndReason, Refusal, StreamRequest } from '../live/index.ts'

/** Events of a server, with what their listeners get. */
export type ServerEvents = {
  /** A publisher was admitted and begins. */
  publish: [request: StreamRequest]
  /** A publisher that had begun is gone. */
  unpublish: [request: StreamRequest, reason: EndReason]
  /** A player was admitted and begins. */
  play: [request: StreamRequest]
  /** A player that had begun is gone. */
  stop: [request: StreamRequest, reason: EndReason]
  /** A publisher or player was not let in. */
  refused: [refusal: Refusal]
}

/** What RTMP clients are told that are asked to connect anew. */
export type ReconnectOptions = Readonly<{
  /** Where to, absolute or relative to the client's present one; default: the present one. */
  tcUrl?: string
  /** Why, for people. */
  description?: string
}>
