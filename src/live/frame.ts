import type { Ms } from '../base/index.ts'
import type { Codec } from '../media/index.ts'

/** What a frame carries: audio, video, or script data (metadata). */
export type FrameKind = 'audio' | 'video' | 'data'

/**
 * One access unit on a stream's own timeline. Immutable and shared by every output: never write into `body`. Who keeps frames is a sink that
 * says so (`Sink.keepsFrames`, which is the default): else their memory is used again. A frame that is kept may keep the block of memory alive
 * that its neighbours are in: copy the body of one that is kept for long.
 */
export type Frame = Readonly<{
  /** What it carries. */
  kind: FrameKind
  /** Decode time on the stream's timeline; whole milliseconds that never wrap and never go back within a kind. */
  timestamp: Ms
  /**
   * Presentation time minus decode time; video only (0 otherwise), may be negative. 0 where the body states one that is not
   * to be believed: see `MAX_REORDERING_MS` and `MAX_EARLY_PRESENTATION_MS`.
   */
  compositionOffset: Ms
  /** The codec of `body`. */
  codec: Codec
  /** The track it belongs to, of its kind. 0 is the default track, the only one that most publishers have. */
  trackId: number
  /** Video that can be decoded with nothing before it but the track's sequence header. False for sequence headers. */
  keyframe: boolean
  /** Decoder configuration (avcC, AudioSpecificConfig ...) and not media. */
  sequenceHeader: boolean
  /** Colour metadata or a channel layout (Enhanced RTMP v2: Metadata, MultichannelConfig): neither a header nor media. */
  description: boolean
  /** Nanoseconds, 0 to 999 999, that presentation is later than the times in ms say (ModEx TimestampOffsetNano). */
  nanosecondOffset: number
  /**
   * An FLV tag body of this track alone, classic or enhanced, without ModEx prefixes (Adobe Video File Format 10.1, E.4.2 and
   * E.4.3; Enhanced RTMP v2).
   */
  body: Uint8Array
}>

/** Whether decoding of a stream can begin with this frame: a keyframe of its default track. */
export function beginsGop(frame: Frame): boolean {
  return frame.keyframe && frame.trackId === 0
}

/** Whether a frame says how media is to be decoded or shown, and is none itself: it is kept for who comes later. */
export function isConfiguration(frame: Frame): boolean {
  return frame.sequenceHeader || frame.description
}
