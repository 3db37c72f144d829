import type { JSX } from 'preact'

const PATHS = {
  play: 'M8 5.6v12.8a.9.9 0 0 0 1.4.75l9.4-6.4a.9.9 0 0 0 0-1.5L9.4 4.85A.9.9 0 0 0 8 5.6z',
  pause: 'M7 5h3.4v14H7zM13.6 5H17v14h-3.4z',
  sound: 'M4 9.5v5h3.2l4.8 4V5.5l-4.8 4zM15 8.6a4.8 4.8 0 0 1 0 6.8M17.6 6a8.5 8.5 0 0 1 0 12',
  muted: 'M4 9.5v5h3.2l4.8 4V5.5l-4.8 4zM15.5 9.5l5 5M20.5 9.5l-5 5',
  fullscreen: 'M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15',
  restore: 'M9 4.5V9H4.5M19.5 9H15V4.5M15 19.5V15h4.5M4.5 15H9v4.5',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  antenna:
    'M12 13v7M8.5 20h7M12 10.5a1.2 1.2 0 1 0 .01 0M8.2 14.6a5.2 5.2 0 0 1 0-7.2M15.8 14.6a5.2 5.2 0 0 0 0-7.2M5.4 17.4a9.2 9.2 0 0 1 0-12.8M18.6 17.4a9.2 9.2 0 0 0 0-12.8',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  warning: 'M12 4.5l8.5 15h-17zM12 10.5v4M12 17v.1',
} as const

const FILLED: ReadonlySet<string> = new Set(['play', 'pause'])

/** Name of a drawing. */
export type IconName = keyof typeof PATHS

/** A drawing in the colour of the text around it; decoration only, so what it stands for is said in words beside it. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  const fill = FILLED.has(name)
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill={fill ? 'currentColor' : 'none'}>
      <path d={PATHS[name]} stroke={fill ? 'none' : 'currentColor'} />
    </svg>
  )
}

/** The page's mark. */
export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" class="logo-ground" />
      <path
        d="M8.5 10.6v10.8a1.2 1.2 0 0 0 1.8 1l9-5.4a1.2 1.2 0 0 0 0-2l-9-5.4a1.2 1.2 0 0 0-1.8 1z"
        fill="#fff"
      />
      <path
        d="M22.6 11.2a7 7 0 0 1 0 9.6"
        fill="none"
        stroke="#fff"
        stroke-width="2.2"
        stroke-linecap="round"
      />
    </svg>
  )
}
