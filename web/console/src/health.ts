import type { ConsoleStream, StreamHealth } from './api/answers.ts'
import { counted, duration, frameRate, milliseconds, text } from './format.ts'

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
  jitterMs: { warn: 100, bad: 400 },
  silentMs: { warn: 2_500, bad: 4_000 },
  skewMs: { warn: 120, bad: 400 },
  frameRate: { warn: 12, bad: 5 },
} as const

/** What is wrong with a stream's publisher, the worst first; empty if nothing is. */
export function findFaults({ publish, health }: ConsoleStream): Finding[] {
  if (!publish.active || health === null || health === undefined) {
    return []
  }
  const { video, damaged, silent_ms, skew_ms } = health
  const silence = ofSilence(silent_ms)
  if (silence !== null) {
    // Everything else follows from that.
    return [silence]
  }
  const findings = [
    video === null ? null : ofFrameRate(video.frame_rate),
    video === null ? null : ofKeyframes(keyframeIntervalOf(health)),
    ofJitter(jitterOf(health)),
    ofSkew(skew_ms === null ? null : -skew_ms),
    ofDamage(damaged),
  ]
  return findings
    .filter((finding) => finding !== null)
    .sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
}

/** How long a player may wait for a keyframe, ms: of what was, or of what it takes already. Null if there is no telling. */
export function keyframeIntervalOf({ video }: StreamHealth): number | null {
  const { keyframe_interval_ms = null, since_keyframe_ms = null } = video ?? {}
  return keyframe_interval_ms === null && since_keyframe_ms === null
    ? null
    : Math.max(keyframe_interval_ms ?? 0, since_keyframe_ms ?? 0)
}

/** How unevenly frames arrive, ms: those of the kind that is worse. */
export function jitterOf({ video, audio }: StreamHealth): number {
  return Math.max(video?.jitter_ms ?? 0, audio?.jitter_ms ?? 0)
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

function ofSilence(silentMs: number): Finding | null {
  const { warn, bad } = HEALTH_LIMITS.silentMs
  if (silentMs < warn) {
    return null
  }
  const since = text(milliseconds(silentMs))
  return {
    level: silentMs < bad ? 'warn' : 'bad',
    short: `silent for ${since}`,
    long: `Nothing has come for ${since}: the encoder or its network has stopped.`,
  }
}

function ofDamage(damaged: number): Finding | null {
  return damaged === 0
    ? null
    : {
        level: 'warn',
        short: `${damaged} damaged`,
        long: `${counted(damaged, 'message')} could not be understood and were left out.`,
      }
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

/** @param skewMs audio's time less video's: below 0 the sound is behind */
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
