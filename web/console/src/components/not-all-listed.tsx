import type { JSX } from 'preact'
import type { Listing } from '../data/pages.ts'
import { count } from '../format.ts'

/** Says that there are more clients than are shown. */
export function NotAllListed({ listing }: { listing: Listing<unknown> }): JSX.Element | null {
  const { entries, total } = listing
  return total > entries.length ? (
    <p class="nothing">
      These are the {count(entries.length).value} that are there longest, of {count(total).value}.
    </p>
  ) : null
}
