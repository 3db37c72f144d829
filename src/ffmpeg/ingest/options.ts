import type { EngineOptions } from '../engine/index.ts'

/** A file, another stream or a device that is published here for as long as the server runs. */
export type IngestOptions = Readonly<{
  /** Unique in its virtual host. */
  id: string
  /** A file is read at its own pace, over and over; a stream and a device as they come. */
  type: 'file' | 'stream' | 'device'
  /** A path, or whatever FFmpeg reads. */
  url: string
  /** The program; null looks for `ffmpeg` in `PATH`. SRS: ffmpeg. */
  ffmpeg: string | null
  /** Runs only while somebody watches. Default false. */
  onDemand: boolean
  /** How long one that is `onDemand` goes on when nobody watches any more, ms. Default 10 000. */
  idleMs: number
  /** How it is published; an engine that is not enabled copies. Exactly one for each output. */
  engines: readonly EngineOptions[]
}>
