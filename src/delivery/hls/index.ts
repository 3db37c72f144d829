export { HlsOutput, type HlsOutputSetup } from './hls-output.ts'
export { HlsRoutes, type HlsRoutesSetup, type HlsVhost } from './hls-play.ts'
export {
  type HlsContinuation,
  HlsSegmenter,
  type HlsSegmenterSetup,
  type HlsStats,
} from './hls-segmenter.ts'
export {
  type HlsSession,
  HlsSessions,
  MAX_HLS_SESSIONS,
  MAX_HLS_SESSIONS_PER_ADDRESS,
} from './hls-sessions.ts'
export { DEFAULT_HLS_OPTIONS, type HlsOptions, resolveHlsOptions } from './options.ts'
export { MAX_SEGMENT_FRAGMENTS, MAX_WAITING_AUDIO_FRAMES } from './segment-cutter.ts'
export { MAX_HELD_SEGMENTS } from './segment-window.ts'
