import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { labelOf, pathOfStream } from '../../../src/route.ts'
import type { ClientInfo } from '../api/answers.ts'
import { DataTable } from '../components/data-table.tsx'
import { FilterChoice, FilterField, matches } from '../components/filter.tsx'
import { NotAllListed } from '../components/not-all-listed.tsx'
import { Unavailable } from '../components/unavailable.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, View } from '../components/view.tsx'
import { server } from '../console.ts'
import { counted } from '../format.ts'
import { CLIENT_COLUMNS, protocolOf } from './client-columns.tsx'

const CHOICES = {
  all: 'All clients',
  players: 'Players',
  publishers: 'Publishers',
  late: 'Players that lag',
} as const
type Choice = keyof typeof CHOICES

const LATE_MS = 1_000
const filter: Signal<string> = signal('')
const chosen: Signal<Choice> = signal('all')

/** Everybody who publishes or plays. */
export function ClientsView(): JSX.Element {
  const listing = useWatch(server.clients)
  const clients = listing?.entries ?? null
  const shown = (clients ?? []).filter((client) => isChosen(client) && matches(filter.value, textsOf(client)))
  const detail =
    listing === null
      ? ''
      : shown.length === listing.total
        ? listing.total
        : `${shown.length} of ${listing.total}`
  return (
    <View
      title="Clients"
      detail={detail}
      actions={
        <>
          <FilterField
            label="Filter clients"
            value={filter.value}
            onValue={(value) => (filter.value = value)}
          />
          <FilterChoice
            label="Which clients"
            value={chosen.value}
            choices={CHOICES}
            onValue={(value) => (chosen.value = value)}
          />
        </>
      }
    >
      <Unavailable resource={server.clients} what="clients" />
      {clients === null && server.clients.failure.value === null && <Loading rows={8} />}
      {clients !== null && (
        <div class="card panel">
          <DataTable
            caption={counted(shown.length, 'client')}
            columns={CLIENT_COLUMNS}
            rows={shown}
            rowKey={(client) => client.id}
            sortedBy="since"
            empty={clients.length === 0 ? 'Nobody publishes or plays.' : 'No client is like that.'}
          />
          {listing !== null && <NotAllListed listing={listing} />}
        </div>
      )}
    </View>
  )
}

function isChosen({ publish, lag_ms }: ClientInfo): boolean {
  switch (chosen.value) {
    case 'all':
      return true
    case 'players':
      return !publish
    case 'publishers':
      return publish
    case 'late':
      return !publish && lag_ms >= LATE_MS
  }
}

function textsOf(client: ClientInfo): string[] {
  return [
    client.ip,
    client.id,
    client.type,
    protocolOf(client),
    labelOf(pathOfStream(client.url)),
    client.pageUrl,
  ]
}
