/** What FFmpeg must be at least: what came before is no longer in any system that is cared for, and tells its progress in other words. */
export const MIN_FFMPEG_VERSION = '4.0'

/** The library that came with `MIN_FFMPEG_VERSION`: builds of FFmpeg's own sources have no version, but tell its number. */
const MIN_LIBAVCODEC = 58

/** What there is to know of an FFmpeg. */
export type FfmpegBuild = Readonly<{
  /** As it says it, e.g. '5.1.9-0+deb12u1', 'n7.1' or 'N-47683-g0e8eb07980-static'; null if it does not. */
  version: string | null
  /** Is it older than `MIN_FFMPEG_VERSION`? False if that can't be told. */
  isTooOld: boolean
  /** Names of encoders, and of what they make, e.g. 'libx264' and 'h264': FFmpeg takes both. Null if it does not tell. */
  encoders: ReadonlySet<string> | null
}>

/**
 * Reads what FFmpeg says of itself. What can't be read is null: a script that calls FFmpeg may say anything.
 * @param versionText what `ffmpeg -version` prints
 * @param encodersText what `ffmpeg -encoders` prints
 */
export function readFfmpegBuild(versionText: string, encodersText: string): FfmpegBuild {
  const [, version = null] = /^ffmpeg version (\S+)/m.exec(versionText) ?? []
  const lines = encodersText.matchAll(/^ [VAS][.A-Z]{5} ([\w-]+) .*?(?:\(codec ([\w-]+)\))?$/gm)
  const encoders = new Set(
    [...lines].flatMap(([, name, codec]) => [name, codec]).filter((each) => each !== undefined),
  )
  return {
    version,
    isTooOld: version !== null && isTooOld(version, versionText),
    encoders: encoders.size === 0 ? null : encoders,
  }
}

function isTooOld(version: string, versionText: string): boolean {
  const [, release] = /^n?(\d{1,3})\.\d/.exec(version) ?? []
  if (release !== undefined) {
    return Number(release) < Number.parseInt(MIN_FFMPEG_VERSION, 10)
  }
  const [, libavcodec] = /^libavcodec +(\d{1,4})\./m.exec(versionText) ?? []
  return libavcodec !== undefined && Number(libavcodec) < MIN_LIBAVCODEC
}
