import type { ConsoleStream } from './api/answers.ts'
import { duration, frameRate, milliseconds, text } from './format.ts'

/** How much something matters. */
export type Level = 'good' | 'idle' | 'warn' | 'bad'

/** Something that can be said of a publisher. */
export type Finding = Readonly<{
  level: Level
  /** A word or two, for a table. */
  short: string
  /** What it is, and what it means for who watches. */
  long: string
}>

/** From where on something is worth a word, and where it is bad. */
export const HEALTH_LIMITS = {
  keyframeIntervalMs: { warn: 4_500, bad: 10_000 },
  jitterMs: { warn: 150, bad: 600 },
  skewMs: { warn: 120, bad: 400 },
  frameRate: { warn: 12, bad: 5 },
} as const

/** What is wrong with a stream's publisher, the worst first; empty if nothing is. */
export function findFaults({ publish, video, health }: ConsoleStream): Finding[] {
  if (!publish.active || health === null || health === undefined) {
    return []
  }
  const { frame_rate = null, keyframe_interval_ms = null, jitter_ms = null, av_skew_ms = null } = health
  const findings = [
    video === null ? null : ofFrameRate(frame_rate),
    video === null ? null : ofKeyframes(keyframe_interval_ms),
    ofJitter(jitter_ms),
    ofSkew(av_skew_ms),
  ]
  return findings
    .filter((finding) => finding !== null)
    .sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
}

const LEVELS: readonly Level[] = ['good', 'idle', 'warn', 'bad']

/** A stream's state in a word: its worst fault, or that it has none. */
export function verdict(stream: ConsoleStream): Finding {
  if (!stream.publish.active) {
    return { level: 'idle', short: 'no publisher', long: 'Nobody publishes it at the moment; players wait.' }
  }
  const [worst] = findFaults(stream)
  return worst ?? { level: 'good', short: 'good', long: 'The publisher sends evenly and in time.' }
}

function ofFrameRate(rate: number | null): Finding | null {
  if (rate === null || rate >= HEALTH_LIMITS.frameRate.warn) {
    return null
  }
  const level = rate < HEALTH_LIMITS.frameRate.bad ? 'bad' : 'warn'
  return rate < 0.5
    ? { level, short: 'no picture', long: 'No video frames arrive: the picture stands still.' }
    : {
        level,
        short: `${text(frameRate(rate))}`,
        long: `Only ${text(frameRate(rate))} arrive: the encoder is overloaded, or its network loses them.`,
      }
}

function ofKeyframes(intervalMs: number | null): Finding | null {
  const { warn, bad } = HEALTH_LIMITS.keyframeIntervalMs
  if (intervalMs === null || intervalMs < warn) {
    return null
  }
  const every = duration(Math.round(intervalMs / 1000))
  return {
    level: intervalMs < bad ? 'warn' : 'bad',
    short: `keyframes every ${every}`,
    long: `Keyframes come every ${every}: players wait long for a picture, and HLS segments get that long. Set 2 s in the encoder.`,
  }
}

function ofJitter(jitterMs: number | null): Finding | null {
  const { warn, bad } = HEALTH_LIMITS.jitterMs
  if (jitterMs === null || jitterMs < warn) {
    return null
  }
  const amount = text(milliseconds(jitterMs))
  return {
    level: jitterMs < bad ? 'warn' : 'bad',
    short: `jitter ${amount}`,
    long: `Frames arrive unevenly, by ${amount}: players with a short buffer stutter. Look at the publisher's network.`,
  }
}

function ofSkew(skewMs: number | null): Finding | null {
  const { warn, bad } = HEALTH_LIMITS.skewMs
  if (skewMs === null || Math.abs(skewMs) < warn) {
    return null
  }
  const amount = text(milliseconds(Math.abs(skewMs)))
  const side = skewMs < 0 ? 'behind' : 'ahead of'
  return {
    level: Math.abs(skewMs) < bad ? 'warn' : 'bad',
    short: `sound ${amount} ${skewMs < 0 ? 'late' : 'early'}`,
    long: `The sound is ${amount} ${side} the picture, as the publisher sends it.`,
  }
}
