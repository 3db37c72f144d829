import type { EngineOptions } from './engine-options.ts'
import { isEncoded } from './engine-problems.ts'

/** Encoders that FFmpeg had and has no more, and the ones that took their places. */
const SUCCESSORS: ReadonlyMap<string, string> = new Map([
  ['libaacplus', 'aac'],
  ['libfaac', 'aac'],
  ['libvo_aacenc', 'aac'],
  ['nvenc', 'h264_nvenc'],
  ['nvenc_h264', 'h264_nvenc'],
  ['nvenc_hevc', 'hevc_nvenc'],
  ['libutvideo', 'utvideo'],
])

/** An encoder's name in today's FFmpeg: another one if it is gone. */
export function encoderOfToday(encoder: string): string {
  return SUCCESSORS.get(encoder) ?? encoder
}

/** The encoders that FFmpeg must have for an engine, by today's names. */
export function encodersOf({ videoCodec, audioCodec }: EngineOptions): readonly string[] {
  return [videoCodec, audioCodec].filter((codec) => codec !== '' && isEncoded(codec)).map(encoderOfToday)
}

/** Encoders that many FFmpegs don't have, for their licence, and what does the same. */
const SUBSTITUTES: ReadonlyMap<string, string> = new Map([['libfdk_aac', 'aac']])

/**
 * An engine as an FFmpeg can run it: with another encoder of the same codec in place of one that it does not have.
 * @param available the encoders it has; null if that is not known
 */
export function engineForEncoders(
  engine: EngineOptions,
  available: ReadonlySet<string> | null,
): EngineOptions {
  const { audioCodec } = engine
  const substitute = SUBSTITUTES.get(audioCodec)
  return substitute !== undefined && available?.has(audioCodec) === false && available.has(substitute)
    ? { ...engine, audioCodec: substitute }
    : engine
}

/** The same, without those that another can stand in for. */
export function indispensableEncodersOf(engine: EngineOptions): readonly string[] {
  return encodersOf(engine).map((encoder) => SUBSTITUTES.get(encoder) ?? encoder)
}

/** Encoders of engines that FFmpeg has no more, each once, with what is used in their places. */
export function replacedEncoders(
  engines: readonly EngineOptions[],
): readonly (readonly [encoder: string, successor: string])[] {
  const codecs = engines.flatMap(({ videoCodec, audioCodec }) => [videoCodec, audioCodec])
  return [...new Set(codecs)].flatMap((codec) => {
    const successor = encoderOfToday(codec)
    return successor === codec ? [] : [[codec, successor] as const]
  })
}
