import type { JSX } from 'preact'
import { formatSeconds } from '../format.ts'
import { session } from '../store.ts'
import type { Sound } from './hooks.ts'
import { Icon, type IconName } from './icons.tsx'

/** The bar at the foot of the picture. */
export function Controls(props: {
  sound: Sound
  /** The stream has no audio. */
  silent: boolean
  fullscreen: boolean
  onFullscreen: () => void
}): JSX.Element {
  const { muted, volume, toggleMuted, setVolume } = props.sound
  const { paused } = session.view.value
  return (
    <div class="controls">
      <ControlButton
        icon={paused ? 'play' : 'pause'}
        label={paused ? 'Play' : 'Pause'}
        onClick={() => session.togglePause()}
      />
      {!props.silent && (
        <>
          <ControlButton
            icon={muted.value ? 'muted' : 'sound'}
            label={muted.value ? 'Unmute' : 'Mute'}
            onClick={toggleMuted}
          />
          <input
            type="range"
            class="volume"
            min={0}
            max={1}
            step={0.05}
            value={muted.value ? 0 : volume.value}
            aria-label="Volume"
            onInput={(event) => setVolume(event.currentTarget.valueAsNumber)}
          />
        </>
      )}
      <button type="button" class="live-button" title="Go to live" onClick={() => session.goLive()}>
        <span class="dot" aria-hidden="true" />
        Live
        <span class="live-latency">{latencyText()}</span>
      </button>
      <span class="spacer" />
      <ControlButton
        icon={props.fullscreen ? 'restore' : 'fullscreen'}
        label={props.fullscreen ? 'Leave full screen' : 'Full screen'}
        onClick={props.onFullscreen}
      />
    </div>
  )
}

function ControlButton(props: { icon: IconName; label: string; onClick: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class="control"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  )
}

function latencyText(): string {
  const { latencySeconds } = session.stats.value
  return latencySeconds === null ? '' : `−${formatSeconds(latencySeconds)}`
}
