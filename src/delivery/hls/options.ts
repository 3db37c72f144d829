import { ServerError } from '../../base/index.ts'

/** How a stream becomes HLS. A change counts from the next segment on; who watches stays. */
export type HlsOptions = Readonly<{
  /**
   * The shortest a segment is to be, ms: it ends at the first keyframe after so long. Default 2000. A stream whose
   * keyframes are further apart has longer segments. SRS: hls_fragment.
   */
  fragmentMs: number
  /**
   * What the playlist covers at least, ms, once the stream is so old. Default 12,000: six segments of the default length.
   * Never less than three target durations (RFC 8216, 6.2.2). SRS: hls_window.
   */
  windowMs: number
  /** A segment that is larger ends at the next frame, keyframe or not. Default 32 MiB. */
  maxSegmentBytes: number
  /**
   * What all complete segments of a stream may take, listed ones and those kept for clients that still have the older
   * playlist. Default 256 MiB. Over it the oldest go early, even out of the playlist; the newest always stays.
   */
  maxHeldBytes: number
  /**
   * Segments' addresses carry the viewer's `hls_ctx`, and only viewers get them. False: they are the same for everybody, so that a
   * CDN caches them by their path and nothing is checked when one is fetched; instead their names can't be guessed, so that
   * only who was given a playlist knows them. Default true. SRS: hls_ts_ctx. A change counts for streams that come to be.
   */
  segmentContext: boolean
}>

/** The options' defaults. */
export const DEFAULT_HLS_OPTIONS: HlsOptions = {
  fragmentMs: 2000,
  windowMs: 12_000,
  maxSegmentBytes: 32 * 1024 * 1024,
  maxHeldBytes: 256 * 1024 * 1024,
  segmentContext: true,
}

/**
 * Fills in the defaults.
 * @throws ServerError ERR_CONFIGURATION if a number is not positive
 */
export function resolveHlsOptions(options: Partial<HlsOptions>): HlsOptions {
  const resolved: HlsOptions = { ...DEFAULT_HLS_OPTIONS, ...options }
  for (const [name, value] of Object.entries(resolved)) {
    if (typeof value === 'number' && !(value > 0)) {
      throw new ServerError('ERR_CONFIGURATION', `hls ${name} must be more than 0, is ${value}`)
    }
  }
  return resolved
}
