import type { StreamState } from '../../live/index.ts'
import type { Codec } from '../../media/index.ts'

const CARRIED: ReadonlySet<Codec> = new Set<Codec>(['avc', 'hevc', 'aac', 'mp3'])

/**
 * Why a stream can't be watched by HLS: its video can't go into a transport stream, or it is audio alone that can't.
 * @param key the stream's
 * @returns null if it can be watched, if only without its audio; also as long as its codecs are not known
 */
export function unsupportedByHls(
  key: string,
  { video, audio, hasVideo }: Pick<StreamState, 'video' | 'audio' | 'hasVideo'>,
): string | null {
  const isAudioOnly = video === null && !hasVideo
  const track = isAudioOnly ? audio : video
  if (track === null || CARRIED.has(track.codec)) {
    return null
  }
  const name = track.fourCc === null ? track.codec : `${track.codec} (${track.fourCc})`
  return `${key} is ${name}, which HLS in MPEG-TS can't carry: watch it by HTTP-FLV (/${key}.flv) or RTMP`
}
