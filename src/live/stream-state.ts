import type { Amf0Object } from '../media/index.ts'
import type { Frame, FrameKind } from './frame.ts'
import type { AudioTrackInfo, VideoTrackInfo } from './track-info.ts'

/**
 * What a player needs before the first frame, as of some moment of a stream. Immutable: a change makes a new one.
 */
export type StreamState = Readonly<{
  /** The newest onMetaData frame. */
  metadata: Frame | null
  /** Its properties, decoded. */
  metadataProperties: Amf0Object | null
  /** The newest video sequence header of the default track. */
  videoSequenceHeader: Frame | null
  /** The newest audio sequence header of the default track. */
  audioSequenceHeader: Frame | null
  /**
   * What else the present publisher said of its tracks: sequence headers of those that are not the default ones, colour
   * metadata and channel layouts of all. Of each the newest, in the order in which they first came.
   */
  configurations: readonly Frame[]
  /** The default video track, as far as the present publisher let it be known; null before its first frame. */
  video: VideoTrackInfo | null
  /** The default audio track, alike. */
  audio: AudioTrackInfo | null
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
  configurations: [],
  video: null,
  audio: null,
  hasVideo: false,
  hasAudio: false,
}

/** The state as of a stream that does not have these kinds of frames. */
export function stateWithout(state: StreamState, kinds: readonly FrameKind[]): StreamState {
  return {
    ...state,
    configurations: state.configurations.filter(({ kind }) => !kinds.includes(kind)),
    ...(kinds.includes('video') ? { videoSequenceHeader: null, hasVideo: false } : {}),
    ...(kinds.includes('audio') ? { audioSequenceHeader: null, hasAudio: false } : {}),
  }
}
