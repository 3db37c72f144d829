import type { Refusals } from '../control/index.ts'
import type { EndReason, Refusal, StreamEvents, StreamRequest } from '../live/index.ts'

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

/** Tells the listeners of an event. */
export type Emit = <K extends keyof ServerEvents>(event: K, ...args: ServerEvents[K]) => void

/** What becomes of publishers and players, as events. @param refusals keeps who was refused */
export function programEvents(refusals: Refusals, emit: Emit): StreamEvents {
  return {
    onPublish: async (request) => emit('publish', request),
    onUnpublish: async (request, reason) => emit('unpublish', request, reason),
    onPlay: async (request) => emit('play', request),
    onStop: async (request, reason) => emit('stop', request, reason),
    onRefused: async (refusal) => {
      refusals.add(refusal)
      emit('refused', refusal)
    },
    onAbandoned: async () => {},
    onClose: async () => {},
  }
}
