import type { JSX } from 'preact'
import { selection, streams, wallRoute } from '../store.ts'
import { Header } from './header.tsx'
import { PlayAddresses } from './play-addresses.tsx'
import { PublishCard } from './publish-hint.tsx'
import { Stage } from './stage.tsx'
import { StatTiles } from './stat-tiles.tsx'
import { StreamHeading } from './stream-heading.tsx'
import { StreamList } from './stream-list.tsx'
import { Wall } from './wall.tsx'

/** The whole page. */
export function App(): JSX.Element {
  return (
    <>
      <Header />
      {wallRoute.value === null ? <Watch /> : <Wall route={wallRoute.value} />}
    </>
  )
}

/** One stream, and the list of all. */
function Watch(): JSX.Element {
  const selected = selection.value
  return (
    <main class="layout">
      <section class="watch" aria-label="Player">
        <Stage />
        {selected !== null && <StreamHeading selection={selected} />}
        {selected !== null && <StatTiles />}
      </section>
      <aside class="side">
        <StreamList />
        {selected !== null && <PlayAddresses path={selected.path} />}
        {selected !== null && streams.value !== null && <PublishCard path={selected.path} />}
      </aside>
    </main>
  )
}
