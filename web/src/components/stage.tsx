import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { session, source } from '../store.ts'
import { Controls } from './controls.tsx'
import { Overlay } from './overlay.tsx'
import { useFullscreen } from './use-fullscreen.ts'

/** How long the controls stay after the pointer rests, in ms. */
const CONTROLS_STAY_MS = 2_500
const VOLUME_STEP = 0.1

/** The picture, what covers it, and its controls. */
export function Stage(): JSX.Element {
  const stageRef = useRef<HTMLDivElement>(null)
  const videoRef = useRef<HTMLVideoElement>(null)
  const stillRef = useRef<HTMLCanvasElement>(null)
  const muted = useSignal(true)
  const volume = useSignal(1)
  const busy = usePointerActivity(stageRef)
  const fullscreen = useFullscreen(stageRef, videoRef)
  useLayoutEffect(() => {
    const video = videoRef.current
    const still = stillRef.current
    return video === null || still === null ? undefined : session.attach(video, still)
  }, [])

  const view = session.view.value
  const silent = source.value !== undefined && source.value.audio === null
  const toggleMuted = (): void => {
    if (videoRef.current !== null) {
      videoRef.current.muted = !videoRef.current.muted
    }
  }
  const setVolume = (value: number): void => {
    if (videoRef.current !== null) {
      videoRef.current.volume = Math.min(1, Math.max(0, value))
      videoRef.current.muted = value <= 0
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const actions: Record<string, () => void> = {
      k: () => session.togglePause(),
      m: toggleMuted,
      f: fullscreen.toggle,
      ArrowUp: () => setVolume(volume.value + VOLUME_STEP),
      ArrowDown: () => setVolume(volume.value - VOLUME_STEP),
    }
    const action = actions[event.key]
    const modified = event.ctrlKey || event.metaKey || event.altKey
    if (action !== undefined && !modified && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault()
      action()
    }
  }
  const playing = view.state === 'playing'
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the focused controls within bubble up to here
    <div
      ref={stageRef}
      class="stage"
      data-reason={view.reason}
      data-busy={busy.value || view.paused}
      onKeyDown={onKeyDown}
    >
      <canvas ref={stillRef} class="still" width={0} height={0} aria-hidden="true" />
      {/* biome-ignore lint/a11y/useMediaCaption: a live stream of unknown content has no captions to offer */}
      <video
        id="player"
        ref={videoRef}
        muted
        playsInline
        tabIndex={-1}
        onVolumeChange={(event) => {
          muted.value = event.currentTarget.muted
          volume.value = event.currentTarget.volume
        }}
        onDblClick={fullscreen.toggle}
      />
      <Overlay />
      {playing && muted.value && !view.paused && !silent && (
        <button type="button" class="unmute" onClick={toggleMuted}>
          <UnmuteContent />
        </button>
      )}
      {playing && (
        <Controls
          muted={muted}
          volume={volume}
          silent={silent}
          fullscreen={fullscreen.active}
          onMuted={toggleMuted}
          onVolume={setVolume}
          onFullscreen={fullscreen.toggle}
        />
      )}
    </div>
  )
}
