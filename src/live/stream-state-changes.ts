import type { Amf0Object } from '../media/index.ts'
import { type Frame, isConfiguration } from './frame.ts'
import type { StreamState } from './stream-state.ts'
import {
  type AudioTrackInfo,
  describeAudioTrack,
  describeVideoTrack,
  statesSizeInKeyframes,
  type VideoTrackInfo,
} from './track-info.ts'

/** The state after a frame that is not metadata: the same object if the frame says nothing new. */
export function stateWithFrame(state: StreamState, frame: Frame): StreamState {
  if (isConfiguration(frame)) {
    const isDefaultHeader = frame.sequenceHeader && frame.trackId === 0
    return isDefaultHeader ? withSequenceHeader(state, frame) : withConfiguration(state, frame)
  }
  return frame.kind !== 'data' && frame.trackId === 0 ? withMedia(state, frame) : state
}

/** The state after metadata. */
export function stateWithMetadata(state: StreamState, frame: Frame, properties: Amf0Object): StreamState {
  return {
    ...state,
    metadata: frame,
    metadataProperties: properties,
    hasVideo: state.hasVideo || Boolean(properties.videocodecid),
    hasAudio: state.hasAudio || Boolean(properties.audiocodecid),
  }
}

/** Whether a default track has become known, or has another codec than before. */
export function hasOtherTracks(before: StreamState, after: StreamState): boolean {
  return isOtherTrack(before.video, after.video) || isOtherTrack(before.audio, after.audio)
}

/** Whether the frames before this one, a sequence header perhaps, were made for another one. */
export function needsOtherHeader(before: StreamState, frame: Frame): boolean {
  if (!frame.sequenceHeader || frame.trackId !== 0) {
    return false
  }
  const known = headerOf(before, frame)
  return (frame.kind === 'video' || known !== null) && !isSameBody(known, frame)
}

function isOtherTrack(
  before: VideoTrackInfo | AudioTrackInfo | null,
  after: VideoTrackInfo | AudioTrackInfo | null,
): boolean {
  return after !== before && (before?.codec !== after?.codec || before?.fourCc !== after?.fourCc)
}

function headerOf(state: StreamState, { kind }: Frame): Frame | null {
  return kind === 'video' ? state.videoSequenceHeader : state.audioSequenceHeader
}

function isSameBody(known: Frame | null, frame: Frame): boolean {
  return known !== null && Buffer.compare(known.body, frame.body) === 0
}

function withMedia(state: StreamState, frame: Frame): StreamState {
  const isVideo = frame.kind === 'video'
  const header = headerOf(state, frame)
  let changed = state
  if (!(isVideo ? state.hasVideo : state.hasAudio)) {
    changed = { ...changed, ...(isVideo ? { hasVideo: true } : { hasAudio: true }) }
  }
  if (header !== null && header.codec !== frame.codec && frame.codec !== 'unknown') {
    // An earlier publisher's: the present one's codec has none.
    changed = { ...changed, ...(isVideo ? { videoSequenceHeader: null } : { audioSequenceHeader: null }) }
  }
  const isNew = isVideo ? isNewVideo(state.video, frame) : state.audio?.codec !== frame.codec
  return isNew ? withDescription(changed, frame) : changed
}

/**
 * The first header of a publisher that has announced nothing is no repetition: who came since it began has not got it.
 */
function withSequenceHeader(state: StreamState, frame: Frame): StreamState {
  const isVideo = frame.kind === 'video'
  if (isSameBody(headerOf(state, frame), frame) && (isVideo ? state.hasVideo : state.hasAudio)) {
    return state
  }
  const header = isVideo
    ? { videoSequenceHeader: frame, hasVideo: true }
    : { audioSequenceHeader: frame, hasAudio: true }
  return withDescription({ ...state, ...header }, frame)
}

function withConfiguration(state: StreamState, frame: Frame): StreamState {
  const { configurations } = state
  const at = configurations.findIndex((known) => isSameKind(known, frame))
  if (isSameBody(configurations[at] ?? null, frame)) {
    return state
  }
  return {
    ...state,
    configurations: at < 0 ? [...configurations, frame] : configurations.with(at, frame),
  }
}

/** Says what the default track is, by its sequence header or, where the codec has none, a frame. */
function withDescription(state: StreamState, frame: Frame): StreamState {
  return frame.kind === 'video'
    ? { ...state, video: videoWith(state.video, frame) }
    : { ...state, audio: describeAudioTrack(frame.body) }
}

function isSameKind(one: Frame, other: Frame): boolean {
  return (
    one.kind === other.kind && one.trackId === other.trackId && one.sequenceHeader === other.sequenceHeader
  )
}

/** Whether a frame can tell something new of the video; codecs without a sequence header state their size in keyframes. */
function isNewVideo(known: VideoTrackInfo | null, frame: Frame): boolean {
  if (frame.codec === 'unknown' && known !== null) {
    return false // commands have no codec
  }
  const mayTellSize = known?.width === 0 && frame.keyframe && statesSizeInKeyframes(frame.codec)
  return known === null || known.codec !== frame.codec || mayTellSize
}

/** What is known of the video, with what a frame tells of it. */
function videoWith(known: VideoTrackInfo | null, frame: Frame): VideoTrackInfo {
  const described = describeVideoTrack(frame.body)
  // A keyframe tells the size; the rest is better known from the sequence header, if there was one.
  return known !== null && known.codec === described.codec && !frame.sequenceHeader
    ? { ...described, ...known, width: described.width, height: described.height }
    : described
}
