import type { PlaybackFailure } from './players/player.ts'

/** What the page as a whole is doing; also found in `document.body.dataset.state`. */
export type PlaybackState = 'connecting' | 'playing' | 'waiting' | 'error'

/**
 * Why it is in that state; decides what the viewer is told.
 * - `no-selection`: no stream is chosen
 * - `starting`, `buffering`: media is on its way, for the first time or again
 * - `on-air`: the playhead moves
 * - `off-air`: the stream has no publisher
 * - `unreachable`: the server does not answer
 * - `unsupported`: this browser cannot play it so
 * - `refused`: the server answered 401 or 403
 * - `failing`: the stream is on air, but again and again this way to play fails
 */
export type PlaybackReason =
  | 'no-selection'
  | 'starting'
  | 'buffering'
  | 'on-air'
  | 'off-air'
  | 'unreachable'
  | 'unsupported'
  | 'refused'
  | 'failing'

/** All that the state follows from. */
export type Situation = Readonly<{
  selected: boolean
  /** Whether the server answers; `undefined` before its first answer is due. */
  reachable: boolean | undefined
  /** Whether the stream has a publisher; `undefined` while that is not known. */
  live: boolean | undefined
  /** The playhead has moved a moment ago. */
  advancing: boolean
  /** The viewer paused. */
  paused: boolean
  /** The playhead has moved since the stream was chosen. */
  hasPlayed: boolean
  /** The last failure since the playhead moved. */
  failure: PlaybackFailure | null
  /** Failures in a row. */
  failures: number
}>

/** Failures in a row before the viewer is told that something is wrong; with the pauses between them some 10 s. */
export const PATIENCE_NETWORK_FAILURES = 6
/** The same for media that cannot be decoded, which seldom mends itself. */
export const PATIENCE_MEDIA_FAILURES = 3

/** Longest pause before the next try, in ms, when the stream is on air and when it may be not. */
export const MAX_RETRY_DELAY_LIVE_MS = 2_000
export const MAX_RETRY_DELAY_MS = 5_000
const FIRST_RETRY_DELAY_MS = 500

/** Derives the state. */
export function derivePlayback(now: Situation): { state: PlaybackState; reason: PlaybackReason } {
  if (!now.selected) {
    return deriveIdle(now.reachable)
  }
  if (now.advancing) {
    return { state: 'playing', reason: 'on-air' }
  }
  if (now.failure?.kind === 'unsupported') {
    return { state: 'error', reason: 'unsupported' }
  }
  if (now.reachable === false) {
    return { state: 'error', reason: 'unreachable' }
  }
  if (now.live === false) {
    return { state: 'waiting', reason: 'off-air' }
  }
  if (now.paused) {
    return { state: 'playing', reason: 'on-air' }
  }
  if (now.failure?.status === 401 || now.failure?.status === 403) {
    return { state: 'error', reason: 'refused' }
  }
  const patience = now.failure?.kind === 'media' ? PATIENCE_MEDIA_FAILURES : PATIENCE_NETWORK_FAILURES
  if (now.failures >= patience) {
    return { state: 'error', reason: 'failing' }
  }
  return { state: 'connecting', reason: now.hasPlayed ? 'buffering' : 'starting' }
}

/** Pause, in ms, before the try that follows the `failures`-th failure in a row. */
export function retryDelay(failures: number, live: boolean | undefined): number {
  const longest = live === true ? MAX_RETRY_DELAY_LIVE_MS : MAX_RETRY_DELAY_MS
  return Math.min(longest, FIRST_RETRY_DELAY_MS * 2 ** Math.max(0, failures - 1))
}

function deriveIdle(reachable: boolean | undefined): { state: PlaybackState; reason: PlaybackReason } {
  if (reachable === undefined) {
    return { state: 'connecting', reason: 'no-selection' }
  }
  return reachable ? { state: 'waiting', reason: 'no-selection' } : { state: 'error', reason: 'unreachable' }
}
