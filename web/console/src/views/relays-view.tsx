import type { JSX } from 'preact'
import type { RelayInfo } from '../api/answers.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Figure, Verdict } from '../components/figures.tsx'
import { Unavailable } from '../components/unavailable.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, View } from '../components/view.tsx'
import { server } from '../console.ts'
import { byteCount, count, counted, duration, milliseconds } from '../format.ts'
import type { Level } from '../health.ts'
import { hrefOfStream } from '../route.ts'

const KINDS: Readonly<Record<string, string>> = {
  forward: 'forwarded to',
  pull: 'pulled from',
  push: 'handed on to',
}

const LEVELS: Readonly<Record<string, Level>> = { running: 'good', waiting: 'bad', connecting: 'warn' }

const COLUMNS: readonly Column<RelayInfo>[] = [
  {
    key: 'name',
    title: 'Stream',
    sortBy: ({ stream }) => stream,
    cell: ({ stream }) => (
      <a class="row-link" href={hrefOfStream(urlOf(stream))}>
        {stream.replace(/^\/+/, '')}
      </a>
    ),
  },
  {
    key: 'what',
    title: 'Other server',
    sortBy: ({ kind, address }) => `${kind} ${address}`,
    cell: ({ kind, address }) => (
      <>
        <span class="muted">{KINDS[kind] ?? kind}</span> {address}
      </>
    ),
  },
  {
    key: 'why',
    title: 'State',
    sortBy: ({ state }) => state,
    cell: ({ state, last_error }) => (
      <Verdict level={LEVELS[state] ?? 'idle'}>
        {state}
        {state !== 'running' && last_error !== null && <span class="row-note">{last_error}</span>}
      </Verdict>
    ),
  },
  {
    key: 'since',
    title: 'For',
    numeric: true,
    sortBy: ({ since_ms }) => -since_ms,
    cell: ({ since_ms }) => duration((server.clock.now() - since_ms) / 1000),
  },
  {
    key: 'failures',
    title: 'Failures',
    numeric: true,
    sortBy: ({ failures }) => failures,
    cell: ({ failures }) => <Figure {...count(failures)} />,
  },
  {
    key: 'bytes',
    title: 'Bytes',
    numeric: true,
    sortBy: ({ bytes }) => bytes,
    cell: ({ bytes }) => <Figure {...byteCount(bytes)} />,
  },
  {
    key: 'lag',
    title: 'Lag',
    numeric: true,
    minor: true,
    sortBy: ({ lag_ms }) => lag_ms,
    cell: ({ kind, lag_ms }) => <Figure {...milliseconds(kind === 'pull' ? null : lag_ms)} />,
  },
  {
    key: 'skips',
    title: 'Skips',
    numeric: true,
    minor: true,
    sortBy: ({ skips }) => skips,
    cell: ({ kind, skips }) => <Figure {...count(kind === 'pull' ? null : skips)} />,
  },
]

/** Streams on their way to and from other servers. */
export function RelaysView(): JSX.Element {
  const relays = useWatch(server.relays)?.entries ?? null
  return (
    <View title="Relays" detail={relays?.length ?? ''}>
      <Unavailable resource={server.relays} what="relays" />
      {relays === null && server.relays.failure.value === null && <Loading />}
      {relays !== null && (
        <div class="card panel">
          <DataTable
            caption={counted(relays.length, 'relay')}
            columns={COLUMNS}
            rows={relays}
            rowKey={(relay) => relay.id}
            sortedBy="name"
            empty="No stream comes from another server or goes to one (forward, edge)."
          />
        </div>
      )}
    </View>
  )
}

/** A stream's `url` in the API by the name that relays have for it: `live/demo`, or `//example.com/live/demo`. */
function urlOf(stream: string): string {
  return stream.startsWith('//') ? stream.slice(2) : `/${stream}`
}
