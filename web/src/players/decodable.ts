import type { StreamInfo } from '../answers.ts'
import { formatCodecName } from '../format.ts'

/**
 * The codec of a stream's picture, for people, if this browser has no decoder for it; null if it has one, or there is no telling.
 * @param isSupported what Media Source Extensions say of a type
 */
export function undecodable(
  source: StreamInfo | undefined,
  isSupported: ((type: string) => boolean) | null = mediaSourceSupport(),
): string | null {
  const video = source?.video ?? null
  const parameters = video?.rfc6381 ?? ''
  if (video === null || parameters === '' || isSupported === null) {
    return null
  }
  return isSupported(`video/mp4; codecs="${parameters}"`) ? null : nameOf(video)
}

/** Of H.264 there are profiles that hardly anything but an encoder knows, such as High 4:2:2. */
function nameOf({ codec, profile }: NonNullable<StreamInfo['video']>): string {
  return codec === 'H264' ? `${formatCodecName(codec)} ${profile}`.trim() : formatCodecName(codec)
}

/** Null where they are missing: then the browser plays by itself, and says itself what it can't. */
function mediaSourceSupport(): ((type: string) => boolean) | null {
  return 'MediaSource' in globalThis ? (type) => MediaSource.isTypeSupported(type) : null
}
