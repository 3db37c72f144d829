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
  skewMs: { warn: 150, bad: 500 },
  frameRate: { warn: 12, bad: 5 },
} as const

/** What is wrong with a stream's publisher, the worst first; empty if nothing is. */
export function findFaults({ publish, health }: ConsoleStream): Finding[] {
  if (!publish.active || health === null) {
    return []
  }
  const { frame_rate, jitter_ms, av_skew_ms, silent_ms, damaged } = health
  const silence = ofSilence(silent_ms)
  if (silence !== null) {
    // Everything else follows from that.
    return [silence]
  }
  const findings = [
    ofFrameRate(frame_rate),
    ofKeyframes(keyframeIntervalOf(health)),
    ofJitter(jitter_ms),
    ofSkew(av_skew_ms),
    ofDamage(damaged),
  ]
  return findings
    .filter((finding) => finding !== null)
    .sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
}

/** How long a player may wait for a keyframe, ms: as long as from one to the next, or as it takes already. Null if there is no telling. */
function keyframeIntervalOf({ keyframe_interval_ms, since_keyframe_ms }: StreamHealth): number | null {
  return keyframe_interval_ms === null && since_keyframe_ms === null
    ? null
    : Math.max(keyframe_interval_ms ?? 0, since_keyframe_ms ?? 0)
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

/** @param skewMs how much earlier the sound arrives than the picture it belongs to; below 0 it is late */
function ofSkew(skewMs: number | null): Finding | null {
  const { warn, bad } = HEALTH_LIMITS.skewMs
  if (skewMs === null || Math.abs(skewMs) < warn) {
    return null
  }
  const amount = text(milliseconds(Math.abs(skewMs)))
  const [late, early] = skewMs < 0 ? ['sound', 'picture'] : ['picture', 'sound']
  return {
    level: Math.abs(skewMs) < bad ? 'warn' : 'bad',
    short: `${late} ${amount} late`,
    long: `The ${late} arrives ${amount} after the ${early} it belongs to: players with a short buffer stutter.`,
  }
}
