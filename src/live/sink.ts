import type { Frame } from './frame.ts'

/** Why a publication or a stream ended: a word for programs, a sentence for people. */
export type EndReason = Readonly<{
  /** `unpublished`: the publisher said so. `disconnected`: its connection ended. `replaced`: another took over. `closed`: the server closed it. */
  code: 'unpublished' | 'disconnected' | 'replaced' | 'closed'
  /** A sentence for the log. */
  message: string
}>

/**
 * What a stream's frames go into: a broadcast, an HLS muxer, a program's iterator. Called synchronously and in order;
 * a sink must not throw and must not block.
 */
export interface Sink {
  /** One frame, shared with every other sink. Sequence headers and metadata come as frames too. */
  onFrame(frame: Frame): void
  /** So much later than they could be frames may come to it, ms, where that spares the server work. Default: 0. */
  readonly mayBeLateMs?: number
  /**
   * Whether it may keep frames that it was given, or views of their bodies, after `onFrame` has returned. Looked at now and then: false
   * says that none is kept at that moment, and then their memory may be used again. Default: true.
   */
  readonly keepsFrames?: boolean
  /** The publisher left. The stream may go on when one returns: its frames continue on the same timeline. */
  onPublishEnd(reason: EndReason): void
  /** The stream is over; nothing more will come. */
  onEnd(reason: EndReason): void
}
