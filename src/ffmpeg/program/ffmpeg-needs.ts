import type { Logger } from '../../base/index.ts'
import type { FfmpegFinder } from './ffmpeg-finder.ts'

/** Something that does not run without FFmpeg. */
export type FfmpegNeed = Readonly<{
  /** Which FFmpeg: a path, or a name that is looked for in `PATH`; null for `ffmpeg`. */
  file: string | null
  /** Encoders that it must have. */
  encoders: readonly string[]
  /** What does not run without it, for people, e.g. 'transcode live/livestream ld'. */
  who: string
}>

/**
 * Looks whether there is the FFmpeg that is needed, and logs a line for each thing that is wrong: what, how that is mended, and what does
 * not run until then.
 */
export async function tellOfFfmpeg(
  finder: Pick<FfmpegFinder, 'answer'>,
  needs: readonly FfmpegNeed[],
  logger: Logger,
): Promise<void> {
  const answers = await Promise.all(
    needs.map(async ({ file, encoders, who }) => ({
      who,
      ...(await finder.answer(file ?? 'ffmpeg', encoders)),
    })),
  )
  const affected = new Map<string, string[]>()
  for (const answer of answers) {
    if ('problem' in answer) {
      affected.set(answer.problem, [...(affected.get(answer.problem) ?? []), answer.who])
    }
  }
  for (const [reason, without] of affected) {
    logger.warn(
      { reason, without: without.join(', ') },
      'FFmpeg is missing, or not what is needed: the rest works',
    )
  }
}
