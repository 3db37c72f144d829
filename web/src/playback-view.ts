import type { PlaybackReason, PlaybackState } from './playback-state.ts'
import type { PlaybackFailure } from './players/player.ts'

/** What the page shows of the playback. */
export type PlaybackView = Readonly<{
  state: PlaybackState
  reason: PlaybackReason
  failure: PlaybackFailure | null
  paused: boolean
  /** The browser refused to start without a click. */
  needsGesture: boolean
}>

/** Before anything is chosen. */
export const INITIAL_VIEW: PlaybackView = {
  state: 'connecting',
  reason: 'no-selection',
  failure: null,
  paused: false,
  needsGesture: false,
}

/** Whether there is nothing new to show. */
export function showsTheSame(a: PlaybackView, b: PlaybackView): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.failure === b.failure &&
    a.paused === b.paused &&
    a.needsGesture === b.needsGesture
  )
}
