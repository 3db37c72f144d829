import type { JSX } from 'preact'
import { formatViewers } from '../format.ts'
import { formatRoute, labelOf, VIA_NAMES, VIAS } from '../route.ts'
import type { Selection } from '../session.ts'
import { source } from '../store.ts'
import { countViewers } from '../stream-feed.ts'
import { StatusPill } from './status-pill.tsx'

/** Name and state of the chosen stream, and the ways to play it. */
export function StreamHeading({ selection }: { selection: Selection }): JSX.Element {
  const { path, via } = selection
  const name = path.slice(path.lastIndexOf('/') + 1)
  const details = [labelOf(path), source.value === undefined ? '' : formatViewers(countViewers(source.value))]
  return (
    <div class="heading">
      <div class="heading-text">
        <div class="heading-line">
          <h2>{name}</h2>
          <StatusPill />
        </div>
        <p class="muted">{details.filter(Boolean).join(' · ')}</p>
      </div>
      <nav class="segments" aria-label="Way to play">
        {VIAS.map((each) => (
          <a
            key={each}
            href={formatRoute(path, each)}
            data-via={each}
            aria-current={each === via ? 'true' : undefined}
          >
            {VIA_NAMES[each]}
          </a>
        ))}
      </nav>
    </div>
  )
}
