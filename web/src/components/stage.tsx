import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { session, source } from '../store.ts'
import { Controls } from './controls.tsx'
import { useAttention, useFullscreen, useSound } from './hooks.ts'
import { Icon } from './icons.tsx'
import { Overlay } from './overlay.tsx'

/** The picture, what covers it, and its controls. Keys while focus is within: k pause, m mute, f full screen. */
export function Stage(): JSX.Element {
  const stageRef = useRef<HTMLDivElement>(null)
  const videoRef = useRef<HTMLVideoElement>(null)
  const stillRef = useRef<HTMLCanvasElement>(null)
  const sound = useSound(videoRef)
  const attended = useAttention(stageRef)
  const fullscreen = useFullscreen(stageRef, videoRef)
  useLayoutEffect(() => {
    const video = videoRef.current
    const still = stillRef.current
    return video === null || still === null ? undefined : session.attach(video, still)
  }, [])

  const { state, reason, paused } = session.view.value
  const silent = source.value !== undefined && source.value.audio === null
  const actions: Readonly<Record<string, () => void>> = {
    k: () => session.togglePause(),
    m: sound.toggleMuted,
    f: fullscreen.toggle,
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      actions[event.key]?.()
    }
  }
  const playing = state === 'playing'
  const offersSound = playing && !paused && !silent && sound.muted.value
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the focused controls within bubble up to here
    <div
      ref={stageRef}
      class="stage"
      data-reason={reason}
      data-attended={attended.value || paused}
      onKeyDown={onKeyDown}
    >
      <canvas ref={stillRef} class="still" width={0} height={0} />
      <video id="player" ref={videoRef} muted playsInline tabIndex={-1} onDblClick={fullscreen.toggle} />
      <Overlay />
      {offersSound && (
        <button type="button" class="unmute" onClick={sound.toggleMuted}>
          <Icon name="muted" />
          Unmute
        </button>
      )}
      {playing && (
        <Controls
          sound={sound}
          silent={silent}
          fullscreen={fullscreen.active.value}
          onFullscreen={fullscreen.toggle}
        />
      )}
    </div>
  )
}
