import type { Metric } from './results.ts'

/** How players get their stream. */
export type Protocol = 'rtmp' | 'http-flv' | 'ws-flv' | 'rtmps' | 'https-flv'

/** What publishers and players do to a server. */
export type Load = Readonly<{
  /** How players come. The floor speaks HTTP-FLV only and is always asked by it. */
  protocol: Protocol
  /** Streams, one publisher each, which players are spread over. */
  streams: number
  /** Players that are there before the window begins. */
  players: number
  /** Players among them that parse all they get. */
  sampled: number
  /** Bit rate of each stream, kbit/s. */
  kbps: number
  /** Players that come within the window, all of them. */
  joiners?: number
  /** The time they come within, seconds. */
  joinSeconds?: number
  /** Players that stop reading when the window begins. */
  stuck?: number
}>

/** One server under one load. */
export type Run = Readonly<{
  /** What tables call it; unique in its scenario. */
  label: string
  /** Name of the server. */
  server: 'ours' | 'nginx-rtmp' | 'node-media-server' | 'plain-node' | 'floor'
  /** What is done to it. */
  load: Load
  /** Our flush policy and the like; see `BroadcastOptions`. */
  broadcast?: Readonly<Record<string, unknown>>
  /** The floor and plain Node: time between two writes, ms; or the label of an earlier run, for the interval that it chose. */
  interval?: number | string
  /** Measured for so long if that is longer than usual, seconds. */
  atLeastSeconds?: number
}>

/** A claim about the results. */
export type Target = Readonly<{
  /** In words, without the number. */
  text: string
  /** The number that is looked at. */
  metric: Metric
  /** Label of the run it is taken from. */
  of: string
  /** Label of the run it is divided by. */
  over?: string
  /** Label of the run whose number is taken off. */
  minus?: string
  /** Of runs that were measured in turn: looked at is this end of the ratio's 95 % interval, not the ratio. */
  end?: 'from' | 'to'
  /** The claim. */
  atMost: number
}>

/**
 * One server under one load that stays, left alone and polled in turn, in windows of equal length: A B, B A, A B ..., so that
 * a machine that gets slower or faster does so for both.
 */
export type Turns = Readonly<{
  /** How often each is measured. */
  pairs: number
  /** How long each time, seconds. */
  windowSeconds: number
  /** Between two windows, seconds: counts for neither, though polling begins with it or is over. */
  restSeconds: number
}>

/** The same work on several servers, in turn. */
export type Scenario = Readonly<{
  /** One letter, as in the list of targets. */
  id: string
  /** What it is about. */
  title: string
  /** In the order they run. */
  runs: readonly Run[]
  /** The first run's server is left alone and the API polled in turn: the runs are the names of both, in this order. */
  turns?: Turns
  /** What is claimed. */
  targets: readonly Target[]
}>

/** Video frames a second of every published stream. */
export const FRAMES_PER_SECOND = 25
/** Frames from one keyframe to the next of every published stream. */
export const GOP_FRAMES = 50
