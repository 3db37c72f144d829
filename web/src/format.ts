import type { StreamInfo } from './stream-feed.ts'

const CODEC_NAMES: Readonly<Record<string, string>> = { H264: 'H.264', HEVC: 'H.265', AV1: 'AV1', VP9: 'VP9' }
const wholeNumber = new Intl.NumberFormat('en')

/** Shown where a value is not known (yet). */
export const UNKNOWN = '–'

/** `812 kb/s`, `2.4 Mb/s`; takes bits per second. */
export function formatBitRate(bitsPerSecond: number | null): string {
  if (bitsPerSecond === null) {
    return UNKNOWN
  }
  const kilobits = Math.round(bitsPerSecond / 1000)
  return kilobits < 1000 ? `${kilobits} kb/s` : `${(kilobits / 1000).toFixed(kilobits < 9950 ? 1 : 0)} Mb/s`
}

/** `30 fps`; a rate that is not near a whole number keeps one decimal. */
export function formatFrameRate(framesPerSecond: number | null): string {
  if (framesPerSecond === null) {
    return UNKNOWN
  }
  const whole = Math.round(framesPerSecond)
  return `${Math.abs(framesPerSecond - whole) < 0.25 ? whole : framesPerSecond.toFixed(1)} fps`
}

/** `1.2 s`; never negative. */
export function formatSeconds(seconds: number | null): string {
  return seconds === null ? UNKNOWN : `${Math.max(0, seconds).toFixed(1)} s`
}

/** `12,345`. */
export function formatCount(count: number | null): string {
  return count === null ? UNKNOWN : wholeNumber.format(count)
}

/** `1280 × 720`; unknown if either side is 0. */
export function formatSize(width: number, height: number): string {
  return width > 0 && height > 0 ? `${width} × ${height}` : UNKNOWN
}

/** `H.264 High 3.1`; an empty string if the stream has no video or it is not known. */
export function formatVideoCodec(video: StreamInfo['video']): string {
  return video === null
    ? ''
    : [formatCodecName(video.codec), video.profile, video.level].filter(Boolean).join(' ')
}

/** `H.264` for the API's `H264`; a name not known here is passed on. */
export function formatCodecName(codec: string): string {
  return CODEC_NAMES[codec] ?? codec
}

/** `44.1 kHz · stereo`; an empty string if the stream has no audio or it is not known. */
export function formatAudioDetail(audio: StreamInfo['audio']): string {
  if (audio === null) {
    return ''
  }
  const channels = audio.channel === 1 ? 'mono' : audio.channel === 2 ? 'stereo' : `${audio.channel} channels`
  const known = [
    audio.sample_rate > 0 ? `${audio.sample_rate / 1000} kHz` : '',
    audio.channel > 0 ? channels : '',
  ]
  return known.filter(Boolean).join(' · ')
}

/** `1 viewer`, `3 viewers`. */
export function formatViewers(count: number): string {
  return `${wholeNumber.format(count)} ${count === 1 ? 'viewer' : 'viewers'}`
}
