import { ServerError } from '../base/index.ts'
import { syntheticFrameSizes } from './synthetic-stream.ts'
import { type LoadTarget, parseLoadTarget } from './target.ts'

/** What load to make. */
export type LoadOptions = Readonly<{
  /**
   * What is played: `rtmp://host/app/stream`, `http://host/app/stream.flv` or `ws://host/app/stream.flv`, or the
   * same over TLS. Publishers go to it, too, unless `publishUrl` is given.
   */
  url: string
  /** Where publishers go, an RTMP URL. Default: `url`. */
  publishUrl?: string
  /** Players. Default 0. */
  players?: number
  /** Publishers, one stream each; more than one number their streams: `load0`, `load1` ... Default 0. */
  publishers?: number
  /** Streams the players are spread over, numbered in the same way. Default: as many as there are publishers, at least 1. */
  streams?: number
  /** Bit rate of a published stream with its audio, bit/s. Default 500 000. */
  bitrate?: number
  /** Video frames a second of a published stream. Default 25. */
  framesPerSecond?: number
  /** Frames from one keyframe to the next of a published stream. Default 50. */
  gopFrames?: number
  /** Whether published streams have audio. Default true. */
  audio?: boolean
  /** How long to go on when all have joined, s; `Infinity`: until `signal`. Default 30. */
  durationSeconds?: number
  /** The joins of publishers, and then of players, are spread over so long, s. Default: 1000 joins a second. */
  rampSeconds?: number
  /** Players that understand all they get; the others only count bytes. Default 10. */
  sampledPlayers?: number
  /** Processes the load is split over; 1: this one. Default 1. */
  processes?: number
  /** A longer time without anything to play is a stall, ms. Default 200. */
  stallMs?: number
  /** Over TLS, any certificate will do: for a server of one's own with one it signed itself. Default false. */
  insecure?: boolean
  /** Ends the load early; the report is made all the same. */
  signal?: AbortSignal
}>

/** `LoadOptions` with every default put in; a plain value that JSON can carry, but for an endless duration. */
export type LoadPlan = Readonly<{
  /** What is played. */
  play: LoadTarget
  /** Where publishers go. */
  publish: LoadTarget
}> &
  Required<Omit<LoadOptions, 'url' | 'publishUrl' | 'signal' | 'rampSeconds'>> &
  Readonly<{
    /** The joins of publishers are spread over so long, s. */
    publishRampSeconds: number
    /** The joins of players are spread over so long, s. */
    playRampSeconds: number
  }>

/** Joins a second unless `rampSeconds` is given. */
export const DEFAULT_JOINS_PER_SECOND = 1000

/**
 * Puts the defaults in.
 * @throws ServerError ERR_CONFIGURATION naming an option that can't be used
 */
export function resolveLoadOptions(options: LoadOptions): LoadPlan {
  const { players = 0, publishers = 0, rampSeconds } = options
  const play = parseLoadTarget(options.url)
  const publish = options.publishUrl === undefined ? play : parseLoadTarget(options.publishUrl)
  const plan: LoadPlan = {
    play,
    publish,
    players,
    publishers,
    streams: options.streams ?? Math.max(1, publishers),
    bitrate: options.bitrate ?? 500_000,
    framesPerSecond: options.framesPerSecond ?? 25,
    gopFrames: options.gopFrames ?? 50,
    audio: options.audio ?? true,
    durationSeconds: options.durationSeconds ?? 30,
    publishRampSeconds: rampSeconds ?? publishers / DEFAULT_JOINS_PER_SECOND,
    playRampSeconds: rampSeconds ?? players / DEFAULT_JOINS_PER_SECOND,
    sampledPlayers: Math.min(options.sampledPlayers ?? 10, players),
    processes: options.processes ?? 1,
    stallMs: options.stallMs ?? 200,
    insecure: options.insecure ?? false,
  }
  check(plan)
  return plan
}

/** The share of `count` things that the process with this number has, when `processes` share them as evenly as can be. */
export function shareOf(count: number, index: number, processes: number): number {
  return Math.floor(count / processes) + (index < count % processes ? 1 : 0)
}

function check(plan: LoadPlan): void {
  const whole = [
    ['players', 0],
    ['publishers', 0],
    ['streams', 1],
    ['gopFrames', 2],
    ['sampledPlayers', 0],
    ['processes', 1],
  ] as const
  for (const [name, least] of whole) {
    demand(
      Number.isInteger(plan[name]) && plan[name] >= least,
      `${name} must be a whole number from ${least}`,
    )
  }
  for (const name of ['bitrate', 'framesPerSecond', 'stallMs'] as const) {
    demand(Number.isFinite(plan[name]) && plan[name] > 0, `${name} must be more than 0`)
  }
  for (const name of ['publishRampSeconds', 'playRampSeconds'] as const) {
    demand(Number.isFinite(plan[name]) && plan[name] >= 0, 'rampSeconds must be 0 or more')
  }
  demand(plan.durationSeconds >= 0, 'durationSeconds must be 0 or more')
  demand(plan.players + plan.publishers > 0, 'there is nothing to do: give players, publishers or both')
  const isRtmp = plan.publish.protocol === 'rtmp'
  demand(plan.publishers === 0 || isRtmp, 'publishers need an rtmp:// URL; give publishUrl')
  if (plan.publishers > 0) {
    syntheticFrameSizes(plan)
  }
}

function demand(condition: boolean, message: string): void {
  if (!condition) {
    throw new ServerError('ERR_CONFIGURATION', message)
  }
}
