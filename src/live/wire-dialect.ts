import {
  fourCcOf,
  hasClassicForm,
  isEnhancedTagBody,
  prefixNanosecondOffset,
  toClassicTagBody,
  wrapTrack,
} from '../media/index.ts'
import type { Frame } from './frame.ts'

/** What the players of a wire can read of Enhanced RTMP. Every combination is a broadcast of its own, so there are few. */
export type WireDialect = Readonly<{
  /** Video with an Enhanced RTMP header: codecs by FourCC. */
  enhancedVideo: boolean
  /** Audio with an Enhanced RTMP header. */
  enhancedAudio: boolean
  /** H.264, AAC and MP3 by FourCC, too, where they come so; else they go out in the classic form that everybody reads. */
  classicCodecsByFourCc: boolean
  /** Tracks that are not the default ones. */
  multitrack: boolean
  /** ModEx prefixes: nanosecond offsets. */
  modEx: boolean
}>

/** Nothing of Enhanced RTMP. */
export const classicDialect: WireDialect = {
  enhancedVideo: false,
  enhancedAudio: false,
  classicCodecsByFourCc: false,
  multitrack: false,
  modEx: false,
}

/** For players that have no way to say what they read: codecs that have no classic form by FourCC, one track, no prefixes. */
export const plainDialect: WireDialect = {
  ...classicDialect,
  enhancedVideo: true,
  enhancedAudio: true,
}

/** Names a dialect, for a wire format's key; empty for the classic one. */
export function dialectKey(dialect: WireDialect): string {
  const words = {
    video: dialect.enhancedVideo,
    audio: dialect.enhancedAudio,
    all: dialect.classicCodecsByFourCc,
    multitrack: dialect.multitrack,
    modEx: dialect.modEx,
  }
  return Object.entries(words)
    .filter(([, isRead]) => isRead)
    .map(([word]) => word)
    .join('+')
}

/** Whether a frame says anything to who reads a dialect. */
export function isReadable(frame: Frame, dialect: WireDialect): boolean {
  if (frame.kind === 'data') {
    return true
  }
  const { kind, trackId, body } = frame
  const readsEnhanced = kind === 'video' ? dialect.enhancedVideo : dialect.enhancedAudio
  if (trackId !== 0) {
    return readsEnhanced && dialect.multitrack
  }
  if (!isEnhancedTagBody(kind, body)) {
    return true
  }
  return goesClassic(frame, kind, dialect) ? hasClassicForm(kind, body) : readsEnhanced
}

/**
 * A frame's body as who reads a dialect is to get it.
 * @param frame one that `isReadable`
 * @returns the frame's own body where nothing is to be changed
 */
export function bodyInDialect(frame: Frame, dialect: WireDialect): Uint8Array {
  const { kind, trackId, nanosecondOffset, body } = frame
  if (kind === 'data' || !isEnhancedTagBody(kind, body)) {
    return body
  }
  if (trackId === 0 && goesClassic(frame, kind, dialect)) {
    return toClassicTagBody(kind, body)
  }
  const ofTrack = trackId === 0 ? body : wrapTrack(kind, body, trackId)
  return dialect.modEx && nanosecondOffset > 0 ? prefixNanosecondOffset(ofTrack, nanosecondOffset) : ofTrack
}

const CLASSIC_CODECS: ReadonlySet<string | null> = new Set(['avc1', 'mp4a', '.mp3'])

function goesClassic(frame: Frame, kind: 'audio' | 'video', dialect: WireDialect): boolean {
  return !dialect.classicCodecsByFourCc && CLASSIC_CODECS.has(fourCcOf(kind, frame.body))
}
