import type { EngineOptions } from '../engine/index.ts'

/** Streams that FFmpeg makes of a stream. */
export type TranscodeOptions = Readonly<{
  /** Of which: '' for all of the virtual host, 'app', or 'app/stream'. */
  scope: string
  /** The program; null looks for `ffmpeg` in `PATH`. SRS: ffmpeg. */
  ffmpeg: string | null
  /** What is made, each by a process of its own. */
  engines: readonly EngineOptions[]
}>
