import { type Signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** How long an element counts as attended after the pointer last moved over it, in ms. */
const ATTENTION_MS = 2_500
/** So far below and above the window a picture begins already, so that it is there when it is scrolled to. */
const NEAR_MARGIN = '200px 0px'

/** Sound of a media element. */
export type Sound = Readonly<{
  muted: Signal<boolean>
  /** From 0 to 1. */
  volume: Signal<number>
  toggleMuted: () => void
  /** Sets the volume; 0 mutes, anything else makes it heard. */
  setVolume: (volume: number) => void
}>

/** Follows and changes the sound of a media element, which starts muted. */
export function useSound(ref: RefObject<HTMLMediaElement | null>): Sound {
  const muted = useSignal(true)
  const volume = useSignal(1)
  useEffect(() => {
    const media = ref.current
    const onChange = (): void => {
      muted.value = media?.muted ?? true
      volume.value = media?.volume ?? 1
    }
    media?.addEventListener('volumechange', onChange)
    return () => media?.removeEventListener('volumechange', onChange)
  }, [ref, muted, volume])
  return {
    muted,
    volume,
    toggleMuted: () => {
      if (ref.current !== null) {
        ref.current.muted = !ref.current.muted
      }
    },
    setVolume: (value) => {
      if (ref.current !== null) {
        ref.current.volume = value
        ref.current.muted = value === 0
      }
    },
  }
}

/** Whether the pointer moved over or touched an element a moment ago. */
export function useAttention(ref: RefObject<HTMLElement | null>): Signal<boolean> {
  const attended = useSignal(false)
  useEffect(() => {
    const element = ref.current
    let timer: ReturnType<typeof setTimeout> | undefined
    const onLeave = (): void => {
      attended.value = false
    }
    const onPointer = (): void => {
      attended.value = true
      clearTimeout(timer)
      timer = setTimeout(onLeave, ATTENTION_MS)
    }
    element?.addEventListener('pointermove', onPointer)
    element?.addEventListener('pointerdown', onPointer)
    element?.addEventListener('mouseleave', onLeave)
    return () => {
      clearTimeout(timer)
      element?.removeEventListener('pointermove', onPointer)
      element?.removeEventListener('pointerdown', onPointer)
      element?.removeEventListener('mouseleave', onLeave)
    }
  }, [ref, attended])
  return attended
}

/** Safari on iPhones shows only the video itself in full screen, by a method of its own. */
type AppleVideoElement = HTMLVideoElement & { webkitEnterFullscreen?: () => void }

/** Shows an element in full screen and back; where only a video can be, the video within it. */
export function useFullscreen(
  frame: RefObject<HTMLElement | null>,
  video: RefObject<HTMLVideoElement | null>,
): Readonly<{ active: Signal<boolean>; toggle: () => void }> {
  const active = useSignal(false)
  useEffect(() => {
    const onChange = (): void => {
      active.value = document.fullscreenElement !== null
    }
    document.addEventListener('fullscreenchange', onChange)
    return () => document.removeEventListener('fullscreenchange', onChange)
  }, [active])
  const toggle = async (): Promise<void> => {
    try {
      if (document.fullscreenElement !== null) {
        await document.exitFullscreen()
      } else if (frame.current?.requestFullscreen !== undefined) {
        await frame.current.requestFullscreen()
      } else {
        const element: AppleVideoElement | null = video.current
        element?.webkitEnterFullscreen?.()
      }
    } catch {
      // Refused by the browser or by a page this one is embedded in; then it stays as it is.
    }
  }
  return { active, toggle: () => void toggle() }
}

/** Whether an element is within the window, or near it, and the page can be seen. */
export function useSeen(ref: RefObject<HTMLElement | null>): Signal<boolean> {
  const seen = useSignal(false)
  useEffect(() => {
    let isNear = false
    const look = (): void => {
      seen.value = isNear && !document.hidden
    }
    const observer = new IntersectionObserver(
      (entries) => {
        isNear = entries.at(-1)?.isIntersecting ?? false
        look()
      },
      { rootMargin: NEAR_MARGIN },
    )
    if (ref.current !== null) {
      observer.observe(ref.current)
    }
    document.addEventListener('visibilitychange', look)
    return () => {
      observer.disconnect()
      document.removeEventListener('visibilitychange', look)
    }
  }, [ref, seen])
  return seen
}
