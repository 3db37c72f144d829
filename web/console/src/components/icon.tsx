import type { JSX } from 'preact'

const PATHS = {
  overview: 'M4 19V9M10 19V5M16 19v-7M21 19H3',
  streams: 'M4 6h16v10H4zM9 20h6M12 16v4',
  clients:
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 19a5.5 5.5 0 0 1 11 0M16 5.3a3 3 0 0 1 0 5.4M17 14a5.5 5.5 0 0 1 3.5 5',
  vhosts: 'M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01',
  relays: 'M4 8h13l-3-3M20 16H7l3 3',
  programs: 'M4 5h16v14H4zM7.5 9.5l3 2.5-3 2.5M12.5 15h4',
  refusals: 'M12 3.5l7 3v5c0 4.5-3 7.6-7 9-4-1.4-7-4.5-7-9v-5zM9.5 9.5l5 5M14.5 9.5l-5 5',
  server:
    'M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2',
  auto: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  light:
    'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  dark: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  signOut: 'M14 4H5v16h9M10 12h11M18 8.5l3.5 3.5-3.5 3.5',
  kick: 'M6 6l12 12M18 6L6 18',
  play: 'M8 5.5v13l10.5-6.5z',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  up: 'M12 19V6M6.5 11L12 5.5l5.5 5.5',
  down: 'M12 5v13M6.5 13l5.5 5.5 5.5-5.5',
  warning: 'M12 4.5l8.5 15h-17zM12 10.5v4M12 17v.1',
  gone: 'M4 4l16 16M9.5 5.3A13 13 0 0 1 21 10M3 10a13 13 0 0 1 3.5-2.6M6.5 14a8 8 0 0 1 5-2.3M12 18.5h.01',
  antenna:
    'M12 13v7M8.5 20h7M12 10.5a1.2 1.2 0 1 0 .01 0M8.2 14.6a5.2 5.2 0 0 1 0-7.2M15.8 14.6a5.2 5.2 0 0 0 0-7.2M5.4 17.4a9.2 9.2 0 0 1 0-12.8M18.6 17.4a9.2 9.2 0 0 0 0-12.8',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
} as const

/** Name of a drawing. */
export type IconName = keyof typeof PATHS

/** A drawing in the colour of the text around it; decoration only, so what it stands for is said in words beside it. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor">
      <path d={PATHS[name]} />
    </svg>
  )
}
