/**
 * The codec of a frame by its usual short name; `unknown-N` style detail is not kept, unknown ids pass through as `unknown`.
 * Classic ids: Adobe Video File Format 10.1, E.4.2.1 and E.4.3.1. FourCCs: Enhanced RTMP v2.
 */
export type VideoCodec =
  | 'avc'
  | 'hevc'
  | 'vvc'
  | 'av1'
  | 'vp8'
  | 'vp9'
  | 'vp6'
  | 'h263'
  | 'screen'
  | 'unknown'

/** The audio codec of a frame; see `VideoCodec` for the sources. */
export type AudioCodec =
  | 'aac'
  | 'mp3'
  | 'opus'
  | 'flac'
  | 'ac3'
  | 'eac3'
  | 'speex'
  | 'g711a'
  | 'g711u'
  | 'pcm'
  | 'adpcm'
  | 'nellymoser'
  | 'unknown'

/** Any codec; script data is `amf0`. */
export type Codec = VideoCodec | AudioCodec | 'amf0'
