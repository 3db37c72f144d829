import { type EngineOptions, type EngineSettings, resolveEngine } from '../engine/index.ts'

/** Streams that FFmpeg makes of a stream. */
export type TranscodeOptions = Readonly<{
  /** Of which: '' for all of the virtual host, 'app', or 'app/stream'. Default ''. */
  scope: string
  /** The program; null looks for `ffmpeg` in `PATH`. Default null. SRS: ffmpeg. */
  ffmpeg: string | null
  /** What is made, each by a process of its own. */
  engines: readonly EngineOptions[]
}>

/** The same as a program gives it: what is left out has its default. */
export type TranscodeSettings = Readonly<
  Partial<Omit<TranscodeOptions, 'engines'>> & {
    /** What is made, each by a process of its own. One that is not enabled is not made. */
    engines: readonly EngineSettings[]
  }
>

/**
 * Transcoding with every default, without engines that are not enabled.
 * @throws ServerError ERR_CONFIGURATION that says what is wrong
 */
export function resolveTranscode({
  scope = '',
  ffmpeg = null,
  engines,
}: TranscodeSettings): TranscodeOptions {
  const enabled = engines.filter((engine) => engine.enabled !== false)
  const owner = scope === '' ? 'transcode' : `transcode ${scope}`
  return { scope, ffmpeg, engines: enabled.map((engine) => resolveEngine(engine, owner)) }
}
