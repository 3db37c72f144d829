import type { Ms } from '../base/index.ts'
import type { Frame, FrameKind } from './frame.ts'
import type { SegmentWriter } from './segment-writer.ts'
import type { StreamState } from './stream-state.ts'

/** Where and how a player enters a stream. */
export type PreludeContext = Readonly<{
  /** Metadata and sequence headers as of the segment the player enters at. */
  state: StreamState
  /** Timestamp of that segment's first frame; the prelude's own frames carry it. */
  timestamp: Ms
  /** True for a player that gets its first bytes, false for one that skipped to a later keyframe. */
  first: boolean
}>

/**
 * How frames look on a wire. Stateless: every frame's bytes stand for themselves, so that they can be shared by players
 * that entered at different keyframes.
 */
export interface WireFormat {
  /** Names the bytes: two formats with the same key write the same bytes for the same frame. */
  readonly key: string
  /** Kinds of frames that are not for its players; it is given none of them, and their state neither. Default: none. */
  readonly leavesOut?: readonly FrameKind[]
  /** What a player gets before its first segment: file header, metadata, sequence headers. */
  prelude(context: PreludeContext): Uint8Array
  /** Whether a frame goes on this wire at all: some say nothing to its players. */
  carries(frame: Frame): boolean
  /** Appends one frame that it carries. */
  append(frame: Frame, segment: SegmentWriter): void
}
