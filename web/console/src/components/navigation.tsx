import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { route, server } from '../console.ts'
import { hrefOfView, VIEWS, type ViewName } from '../route.ts'
import { Icon } from './icon.tsx'

const TITLES: Readonly<Record<ViewName, string>> = {
  overview: 'Overview',
  streams: 'Streams',
  clients: 'Clients',
  vhosts: 'VHosts',
  relays: 'Relays',
  programs: 'Programs',
  refusals: 'Refusals',
  server: 'Server',
}

/** The way to every view, with how much there is in it. */
export function Navigation(): JSX.Element {
  const { view } = route.value
  const shown = view === 'stream' ? 'streams' : view
  const nav = useRef<HTMLElement>(null)
  const isCounted = server.head.value !== null
  useEffect(() => {
    // On a phone the views stand in one line, which may be longer than the screen, and gets longer by the counts.
    nav.current?.querySelector(`a[href="${hrefOfView(shown)}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [shown, isCounted])
  return (
    <nav ref={nav} class="navigation" aria-label="Views">
      <ul>
        {VIEWS.map((name) => (
          <li key={name}>
            <a href={hrefOfView(name)} aria-current={name === shown ? 'page' : undefined}>
              <Icon name={name} />
              <span class="navigation-title">{TITLES[name]}</span>
              <Count name={name} />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Count({ name }: { name: ViewName }): JSX.Element | null {
  const head = server.head.value
  const total =
    name === 'streams'
      ? server.streams.value?.length
      : name === 'clients' && head !== null
        ? head.players + head.publishers
        : undefined
  return total === undefined ? null : <span class="navigation-count">{total}</span>
}
