import type { JSX } from 'preact'
import { listRefusal, reachable, wallRoute } from '../store.ts'
import { Logo } from './icons.tsx'

const LINK_TEXTS = {
  true: 'Connected',
  false: 'Server out of reach, retrying',
  undefined: 'Connecting',
  refused: 'List locked',
} as const

/** Name of the page, and whether the server answers. */
export function Header(): JSX.Element {
  const link = (listRefusal.value === null ? String(reachable.value) : 'refused') as keyof typeof LINK_TEXTS
  return (
    <header class="header">
      <a class="brand" href="#/">
        <Logo />
        <h1>
          <span class="brand-name">SRS</span> <span class="brand-subtitle">live streaming server</span>
        </h1>
      </a>
      <nav class="pages" aria-label="Pages">
        <a href="#/wall" aria-current={wallRoute.value === null ? undefined : 'page'}>
          Wall
        </a>
        <a href="./console/">Console</a>
      </nav>
      <output class="link-state" data-link={link}>
        <span class="dot" aria-hidden="true" />
        {LINK_TEXTS[link]}
      </output>
    </header>
  )
}
