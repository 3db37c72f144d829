import type { PublisherHealth } from '../../live/index.ts'
import { integerSchema, type JsonSchema, nullable, objectSchema } from './json-schema.ts'

/** How well a stream's publisher sends; SRS has nothing like it. What can't be told yet, or does not apply, is null. */
export type HealthInfo = Readonly<{
  /** Video frames a second that come in, of the last seconds, to one place. */
  frame_rate: number | null
  /** Video that comes in, of the last seconds, kbit/s. */
  video_kbps: number | null
  /** Audio that comes in, of the last seconds, kbit/s. */
  audio_kbps: number | null
  /** Between the newest keyframe and the one before, ms of media. */
  keyframe_interval_ms: number | null
  /** The same on average. */
  mean_keyframe_interval_ms: number | null
  /** Since the newest keyframe, ms of media. */
  since_keyframe_ms: number | null
  /** How unevenly video, or audio where there is no video, arrives beside its timestamps (RFC 3550), ms. */
  jitter_ms: number | null
  /** How much audio is ahead of video, ms; below 0 the sound is behind. */
  av_skew_ms: number | null
  /** Since the newest audio or video, ms. */
  silent_ms: number
  /** Messages left out as damaged. */
  damaged: number
}>

/** Of the type `HealthInfo`. */
export const HEALTH_SCHEMA: JsonSchema = objectSchema<HealthInfo>(
  {
    frame_rate: nullable({ type: 'number', description: 'Video frames a second that come in.' }),
    video_kbps: nullable(integerSchema('Video that comes in, kbit/s.')),
    audio_kbps: nullable(integerSchema('Audio that comes in, kbit/s.')),
    keyframe_interval_ms: nullable(
      integerSchema('Between the newest keyframe and the one before, of media.'),
    ),
    mean_keyframe_interval_ms: nullable(integerSchema('The same on average.')),
    since_keyframe_ms: nullable(integerSchema('Since the newest keyframe, of media.')),
    jitter_ms: nullable(integerSchema('How unevenly frames arrive beside their timestamps (RFC 3550).')),
    av_skew_ms: nullable(integerSchema('How much audio is ahead of video; below 0 the sound is behind.')),
    silent_ms: integerSchema('Since the newest audio or video.'),
    damaged: integerSchema('Messages left out as damaged.'),
  },
  { title: 'Health' },
)

/** A publisher's health as the API shows it. */
export function healthInfoOf({ video, audio, skewMs, silentMs, damaged }: PublisherHealth): HealthInfo {
  return {
    frame_rate: rounded(video?.frameRate, 10),
    video_kbps: rounded(perThousand(video?.bitRate)),
    audio_kbps: rounded(perThousand(audio?.bitRate)),
    keyframe_interval_ms: rounded(video?.keyframeIntervalMs),
    mean_keyframe_interval_ms: rounded(video?.meanKeyframeIntervalMs),
    since_keyframe_ms: rounded(video?.sinceKeyframeMs),
    jitter_ms: rounded((video ?? audio)?.jitterMs),
    av_skew_ms: rounded(skewMs),
    silent_ms: Math.round(silentMs),
    damaged,
  }
}

function rounded(value: number | null | undefined, parts = 1): number | null {
  return value === null || value === undefined ? null : Math.round(value * parts) / parts
}

function perThousand(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : value / 1000
}
