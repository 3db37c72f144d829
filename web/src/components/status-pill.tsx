import type { JSX } from 'preact'
import type { PlaybackState } from '../playback-state.ts'
import { session } from '../store.ts'

const TEXTS: Readonly<Record<PlaybackState, string>> = {
  connecting: 'Connecting',
  playing: 'Live',
  waiting: 'Waiting',
  error: 'Problem',
}

/** The state of the playback in a word. */
export function StatusPill(): JSX.Element {
  const { state, paused } = session.view.value
  const shown = state === 'playing' && paused ? 'paused' : state
  return (
    <output class="pill" data-shown={shown}>
      <span class="dot" aria-hidden="true" />
      {shown === 'paused' ? 'Paused' : TEXTS[state]}
    </output>
  )
}
