import type { Amf0Object } from '../media/index.ts'
import type { Frame, FrameKind } from './frame.ts'

/**
 * What a player needs before the first frame, as of some moment of a stream. Immutable: a change makes a new one.
 */
export type StreamState = Readonly<{
  /** The newest onMetaData frame. */
  metadata: Frame | null
  /** Its properties, decoded. */
  metadataProperties: Amf0Object | null
  /** The newest video sequence header. */
  videoSequenceHeader: Frame | null
  /** The newest audio sequence header. */
  audioSequenceHeader: Frame | null
  /** Video has been seen or announced by the present publisher. */
  hasVideo: boolean
  /** Audio has been seen or announced by the present publisher. */
  hasAudio: boolean
}>

/** The state of a stream that nothing was published to. */
export const emptyStreamState: StreamState = {
  metadata: null,
  metadataProperties: null,
  videoSequenceHeader: null,
  audioSequenceHeader: null,
  hasVideo: false,
  hasAudio: false,
}

/** The state as of a stream that does not have these kinds of frames. */
export function stateWithout(state: StreamState, kinds: readonly FrameKind[]): StreamState {
  return {
    ...state,
    ...(kinds.includes('video') ? { videoSequenceHeader: null, hasVideo: false } : {}),
    ...(kinds.includes('audio') ? { audioSequenceHeader: null, hasAudio: false } : {}),
  }
}
